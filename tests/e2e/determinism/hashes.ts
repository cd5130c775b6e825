import { bytesHash, simulate, simulateDay, traceHash } from '#engine';
import type { Run } from '#engine';
import { modelDesign, scenario } from '#content/designs/live-departures-board/scenario.ts';
import { VISIBLE_PARTITIONS } from '#content/exercises/departures-per-quarter-hour/flights.ts';
import { scenarioOf } from '#content/exercises/departures-per-quarter-hour/job.ts';
import * as solution from '#content/exercises/departures-per-quarter-hour/solution.ts';
import { departuresBoard } from '#content/lessons/10-two-clocks-and-a-watermark/scenario.ts';
import { decodeFlights } from '../../../src/data/decode-flights.ts';
import { flightsLog } from '../../../src/data/flights.ts';

const DELAYS_MINUTES = [0, 15, 60];
const CRASH_STEPS = [1, 7, 20, 41, 80];

/** Fingerprints of runs over real flights, by name: the same wherever they are computed. */
export function runHashes(evening: Uint8Array): Record<string, string> {
  const hashes: Record<string, string> = {};
  const note = (name: string, { trace }: Run): void => {
    if (trace === undefined) throw new Error(`${name} was not traced`);
    hashes[name] = traceHash(trace);
  };
  const flights = flightsLog(decodeFlights(evening, 'evening.bin'), {
    partitions: 1,
    partitionBy: 'origin',
  });
  for (const delayMinutes of DELAYS_MINUTES) {
    note(`lesson, ${delayMinutes} min`, simulate(departuresBoard({ flights, delayMinutes })));
  }
  for (const afterStep of CRASH_STEPS) {
    const trial = {
      partitions: VISIBLE_PARTITIONS,
      isBounded: true,
      parallelism: 2,
      backend: 'rocksdb',
      checkpointMs: 60_000,
      crash: { taskManager: 1, afterStep },
    } as const;
    note(
      `exercise, crash after ${afterStep}`,
      simulate(scenarioOf(solution.DeparturesPerQuarterHour, trial)),
    );
  }
  hashes['design'] = dayHash();
  return hashes;
}

function dayHash(): string {
  const day = simulateDay({ ...scenario, design: modelDesign });
  const columns = Object.values(day.columns).filter((value) => value instanceof Float64Array);
  if (columns.length === 0) throw new Error('a day has columns');
  const hashes = columns.map((column) => bytesHash(new Uint8Array(column.buffer)));
  return bytesHash(new TextEncoder().encode(hashes.join()));
}
