/** What happened to a log, whoever reads it: facts that a run copies into its trace. */
export type LogFact = { readonly atMs: number; readonly partition: number } & (
  | {
      readonly type: 'record-appended';
      readonly offset: number;
      readonly key: string | null;
      readonly value: unknown;
      readonly timestampMs: number;
    }
  | { readonly type: 'high-watermark-moved'; readonly offset: number }
  | { readonly type: 'stable-offset-moved'; readonly offset: number }
  | { readonly type: 'log-start-moved'; readonly offset: number; readonly reason: string }
  | { readonly type: 'record-compacted'; readonly offset: number; readonly reason: string }
  | {
      readonly type: 'transaction-opened';
      readonly offset: number;
      readonly producerId: number;
    }
  | {
      readonly type: 'transaction-marked';
      readonly offset: number;
      readonly producerId: number;
      readonly marker: 'commit' | 'abort';
    }
  | { readonly type: 'producer-fenced'; readonly producer: string }
  | { readonly type: 'partition-opened'; readonly parents: readonly number[] }
  | { readonly type: 'shard-closed'; readonly children: readonly number[] }
  | { readonly type: 'write-throttled' }
  | {
      readonly type: 'leader-elected';
      /** −1: none, until an in-sync replica returns. */
      readonly leader: number;
      readonly leaderEpoch: number;
      readonly isClean: boolean;
    }
  | { readonly type: 'log-truncated'; readonly offset: number }
);
