/** What an interviewer hears at each level, and writes down. */
import type { Rubric } from '../schema.ts';

export const rubric = [
  {
    id: 'scope',
    title: 'Scope',
    signals: {
      'not yet': 'Starts drawing boxes.',
      junior: 'Asks what the board shows and how many airports there are.',
      senior: 'Asks for freshness, completeness and what a wrong number costs, and gets numbers.',
      staff: 'Says which promise may break first when not all can be kept, and agrees on it.',
    },
  },
  {
    id: 'numbers',
    title: 'Numbers',
    signals: {
      'not yet': '"It scales."',
      junior: 'Average rate and bytes per second.',
      senior: 'Peak, hot airport in a storm, catch-up time; derives partitions and slots.',
      staff: 'Names the two numbers to measure in the first week, and what would change with them.',
    },
  },
  {
    id: 'time',
    title: 'Time and completeness',
    signals: {
      'not yet': 'Uses the time at which a record is processed.',
      junior: 'Event time, windows, a watermark.',
      senior: 'Takes the delay from the lateness distribution and says what share is dropped.',
      staff: 'Trades delay against early results and corrections; watches the dropped share.',
    },
  },
  {
    id: 'skew',
    title: 'Skew',
    signals: {
      'not yet': 'Adds machines.',
      junior: 'Knows that one key sits in one subtask.',
      senior: 'Salts and merges, with the number of salts from the storm rate.',
      staff: 'Shows that one slow input holds every airport back, and how to contain that.',
    },
  },
  {
    id: 'guarantee',
    title: 'Guarantee and sink',
    signals: {
      'not yet': '"Exactly once is switched on."',
      junior: 'Tells at-least-once from exactly-once.',
      senior: 'Names the crash point, and the sink that makes a replay harmless.',
      staff: 'Names the boundary of the promise, and the test that would break it.',
    },
  },
  {
    id: 'operation',
    title: 'Operation and cost',
    signals: {
      'not yet': 'Monitoring comes last, as a word.',
      junior: 'Alerts on lag.',
      senior: 'Headroom, time to recover, upgrade with a savepoint, backfill.',
      staff: 'Alerts on the reader’s freshness, budgets for outages, says what not to build.',
    },
  },
] as const satisfies Rubric;
