import { ProcessJoinFunction, appendSink, logSource, simulate } from '#engine';
import type { Collector, LogRecord, ProcessJoinContext, Scenario } from '#engine';
import { makeAuctions, toAuctionRows } from '../auction-data.ts';
import type { AuctionRow } from '../auction-data.ts';
import { allocatePairs, auctionJoinLimit, toPairs } from '../loops/auction-join-limit.ts';
import { auctionJoinLoop } from '../loops/auction-join.ts';
import type { AuctionBid, AuctionJoinOptions } from '../loops/auction-join.ts';
import { numbersHash } from '../loops/output-hash.ts';
import type { Workload } from '../workload.ts';
import { RECORD_COUNT, RECORD_GAP_MS } from '../workload-data.ts';
import { benchScenario, everyRecord, sinkRows, toLog } from './per-record-watermarks.ts';

class PairUp extends ProcessJoinFunction<AuctionRow, AuctionRow, AuctionBid> {
  override processElement(
    auction: AuctionRow,
    bid: AuctionRow,
    _context: ProcessJoinContext,
    out: Collector<AuctionBid>,
  ): void {
    const { key, ts } = auction;
    out.collect({ auction: key, openedAt: ts, bidAt: bid.ts, price: bid.price });
  }
}

export function auctionJoinScenario(
  records: readonly LogRecord<AuctionRow>[],
  { withinMs, delayMs }: AuctionJoinOptions,
): Scenario {
  return benchScenario({
    name: 'W5',
    logs: { records: { partitions: [records] } },
    job: (env) => {
      env.configure({ 'pipeline.object-reuse': true });
      const source = logSource<AuctionRow>('records');
      const all = env.fromSource(source, everyRecord<AuctionRow>(delayMs), 'records');
      const auctions = all.filter((row) => row.type === 'auction').keyBy((row) => row.key);
      const bids = all.filter((row) => row.type === 'bid').keyBy((row) => row.key);
      auctions
        .intervalJoin(bids)
        .between(0, withinMs)
        .process(new PairUp())
        .sinkTo(appendSink({ name: 'pairs' }));
    },
  });
}

const OPTIONS = { withinMs: 60_000, delayMs: 5_000 };

function hashOf(rows: readonly AuctionBid[]): string {
  return numbersHash(
    rows.map(({ auction, openedAt, bidAt, price }) => [auction, openedAt, bidAt, price]),
  );
}

/** W5: two streams, state of both that the watermark frees. */
export const auctionJoin: Workload = {
  id: 'W5',
  title: 'interval join: auction, bid within 60 s',
  goals: { ofLoop: 1, timesLimit: 3 },
  prepare: async (recordCount = RECORD_COUNT) => {
    const columns = makeAuctions({ count: recordCount, seed: 7 });
    const rows = toAuctionRows(columns);
    const scenario = auctionJoinScenario(toLog(rows, RECORD_GAP_MS), OPTIONS);
    const space = allocatePairs(recordCount);
    return {
      records: recordCount,
      sides: [
        {
          name: 'engine',
          run: () => {
            const run = simulate(scenario);
            return () => hashOf(sinkRows<AuctionBid>(run, 'pairs'));
          },
        },
        {
          name: 'loop',
          run: () => {
            const result = auctionJoinLoop(rows, OPTIONS);
            return () => hashOf(result.rows);
          },
        },
        {
          name: 'limit',
          run: () => {
            const result = auctionJoinLimit(columns, OPTIONS, space);
            return () => hashOf(toPairs(space, result, columns.startMs).rows);
          },
        },
      ],
    };
  },
};
