/** One word, one meaning. Where the real systems collide, each says what it means by it. */
export interface Term {
  readonly name: string;
  readonly meaning: string;
}

/** Every word that a lesson may introduce, by the id that its front matter uses. */
export const GLOSSARY = {
  'event-time': {
    name: 'Event time',
    meaning:
      'When it happened, as the record itself says. Here: when the flight would have left with ' +
      'no delay.',
  },
  'processing-time': {
    name: 'Processing time',
    meaning: 'What the clock of the machine shows when it handles the record.',
  },
  'arrival-time': {
    name: 'Arrival time',
    meaning: 'When the log received the record. Here: the departure as it really was.',
  },
  watermark: {
    name: 'Watermark',
    meaning:
      'Flink: a marker in the stream: “I expect no more records at or before this time”. ' +
      'Spark: one number per query, the largest event time seen minus a delay.',
  },
  'watermark-delay': {
    name: 'Watermark delay',
    meaning:
      'How far the watermark stays behind the largest event time seen. ' +
      'Flink: bound on out-of-orderness. Spark: delay threshold.',
  },
  'late-record': {
    name: 'Late record',
    meaning:
      'A record that arrives when the watermark has already passed its time. A window still ' +
      'takes it until the watermark has passed the window’s end.',
  },
  'allowed-lateness': {
    name: 'Allowed lateness',
    meaning:
      'Flink: how long a window is kept after it fired, to correct its result. Spark has no such ' +
      'setting. Kafka Streams calls its own, different wait the grace period.',
  },
  'out-of-orderness': {
    name: 'Out-of-orderness',
    meaning: 'How far behind the largest event time seen so far a record may be when it arrives.',
  },
  skew: {
    name: 'Event-time skew',
    meaning: 'The gap between the clock on the wall and the watermark, at one moment.',
  },
} as const satisfies { readonly [id: string]: Term };

export type TermId = keyof typeof GLOSSARY;

/** Whether a text is the id of a defined term. */
export function isTermId(id: string): id is TermId {
  return Object.hasOwn(GLOSSARY, id);
}
