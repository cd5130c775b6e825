import { ConfigError } from '../core/errors.ts';

/**
 * What work costs in virtual time. Everything absent costs nothing: then a job is as fast as its
 * data allows, which is what most questions are about. Costs give latency, back pressure,
 * alignment time and checkpoint duration their meaning.
 * Simplified: a record costs its chain's service times, wherever in the chain it is filtered.
 */
export interface CostModel {
  /** Time that one record takes in an operator, in ms, by the operator's name. */
  readonly serviceMs?: { readonly [operator: string]: number };
  /** Time that an element spends between two subtasks, in ms. */
  readonly networkDelayMs?: number;
  /** Records that fit into one channel before its sender must wait. Default 1024. */
  readonly bufferRecords?: number;
  /** Time that taking a snapshot blocks its task, in ms. */
  readonly snapshotSyncMs?: number;
  /** Bytes of state that a task stores per ms after that, while it goes on working. */
  readonly snapshotBytesPerMs?: number;
  /** Bytes of state that a task reads per ms when it is restored. */
  readonly restoreBytesPerMs?: number;
}

/** Channels hold this many records when nothing else is said. */
export const BUFFER_RECORDS_DEFAULT = 1024;

/** @throws ConfigError for a cost that is negative or not finite, or of an unknown operator. */
export function checkCosts(costs: CostModel, operators: readonly string[]): void {
  const { serviceMs = {}, ...others } = costs;
  for (const [operator, value] of Object.entries(serviceMs)) {
    if (!operators.includes(operator)) {
      throw new ConfigError(
        'a service time must belong to an operator of the job',
        operator,
        `use one of: ${[...new Set(operators)].join(', ')}`,
      );
    }
    checkCost(`costs.serviceMs["${operator}"]`, value, 0);
  }
  for (const [name, value] of Object.entries(others)) {
    const isRate = name === 'bufferRecords' || name.endsWith('PerMs');
    checkCost(`costs.${name}`, value, isRate ? 1 : 0);
  }
}

function checkCost(name: string, value: unknown, least: number): void {
  if (value === undefined) return;
  if (typeof value === 'number' && Number.isFinite(value) && value >= least) return;
  throw new ConfigError(`${name} must be a number ≥ ${least}`, value, 'leave it out for no cost');
}
