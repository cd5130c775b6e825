import type { LessonModule } from '../../content/lesson-module.ts';
import { flightsLog } from '../data/flights.ts';
import { readFlights } from '../data/read-flights.ts';
import { findFacts, type LessonContext } from './lesson-context.ts';

const modules = import.meta.glob<LessonModule>('/content/lessons/*/claims.ts', { eager: true });

/** The recorded flights that lessons run over, in as many partitions as asked for. */
export function lessonInputs(): Parameters<LessonModule['makeClaims']>[0] {
  const flights = readFlights('evening');
  return { flights: flightsLog(flights, { partitions: 1, partitionBy: 'origin' }) };
}

/**
 * Everything that the components of one lesson need.
 * @param file the lesson's file from the project's root, e.g. `content/lessons/10-x/lesson.mdx`.
 * @param source the lesson's text.
 * @throws Error when the lesson has no `claims.ts` beside it.
 */
export function loadLesson(file: string, source: string): LessonContext {
  const claimsFile = `/${file.replace(/[^/]+$/, 'claims.ts')}`;
  const module = modules[claimsFile];
  if (module === undefined) {
    throw new Error(`${file}: no claims.ts beside it; export makeClaims and makeTables from one`);
  }
  const inputs = lessonInputs();
  return {
    file,
    claims: module.makeClaims(inputs),
    tables: module.makeTables(inputs),
    facts: findFacts(source),
  };
}
