import { ConfigError } from '../core/errors.ts';

/** A source that reads a named log of the scenario, from the first offset of each partition. */
export interface LogSource<T> {
  readonly type: 'log-source';
  readonly log: string;
  readonly recordType?: T;
}

/** @throws ConfigError when the name is empty; an unknown name is found when the job is built. */
export function logSource<T>(log: string): LogSource<T> {
  if (typeof log !== 'string' || log === '') {
    throw new ConfigError('a source must name a log', log, "use for example logSource('flights')");
  }
  return { type: 'log-source', log };
}
