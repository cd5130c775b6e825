import { describe, expect, it } from 'vitest';
import { makeAuctions, toAuctionRows } from '../auction-data.ts';
import type { AuctionColumns, AuctionRow } from '../auction-data.ts';
import { allocatePairs, auctionJoinLimit, toPairs } from './auction-join-limit.ts';
import { auctionJoinLoop } from './auction-join.ts';
import type { AuctionBid, AuctionJoinOptions } from './auction-join.ts';
import { numbersHash } from './output-hash.ts';

const options = { withinMs: 20, delayMs: 5 };

/** `A@5` opens auction a at 5; `a@9=3` bids 3 at 9. */
function auctionRowsOf(text: string): AuctionRow[] {
  return text.split(' ').map((record) => {
    const [, name = '', ts, price = '0'] = /^([a-zA-Z])@(\d+)(?:=(\d+))?$/.exec(record) ?? [];
    const key = name.toLowerCase().charCodeAt(0) - 97;
    const type = name === name.toUpperCase() ? 'auction' : 'bid';
    return { ts: Number(ts), key, type, price: Number(price) };
  });
}

function columnsOf(rows: readonly AuctionRow[]): AuctionColumns {
  return {
    startMs: 0,
    auctionCount: 26,
    timestampMs: Int32Array.from(rows, (row) => row.ts),
    key: Int32Array.from(rows, (row) => row.key),
    isAuction: Uint8Array.from(rows, (row) => (row.type === 'auction' ? 1 : 0)),
    price: Int32Array.from(rows, (row) => row.price),
  };
}

function runLimit(columns: AuctionColumns, withOptions: AuctionJoinOptions) {
  const out = allocatePairs(columns.timestampMs.length);
  return toPairs(out, auctionJoinLimit(columns, withOptions, out), columns.startMs);
}

/** Every pair of all records that were not late. */
function naive(rows: readonly AuctionRow[], { withinMs, delayMs }: AuctionJoinOptions) {
  let watermark = -Infinity;
  const inTime = rows.filter(({ ts }) => {
    if (ts < watermark) return false;
    watermark = Math.max(watermark, ts - delayMs - 1);
    return true;
  });
  const opened = new Map(
    inTime.filter(({ type }) => type === 'auction').map((row) => [row.key, row.ts]),
  );
  const pairs = inTime.flatMap((bid): AuctionBid[] => {
    const openedAt = opened.get(bid.key) ?? NaN;
    if (bid.type === 'auction' || !(bid.ts >= openedAt && bid.ts <= openedAt + withinMs)) return [];
    return [{ auction: bid.key, openedAt, bidAt: bid.ts, price: bid.price }];
  });
  return { rows: pairs, lateCount: rows.length - inTime.length };
}

describe.each([
  ['the loop', (text: string) => auctionJoinLoop(auctionRowsOf(text), options)],
  ['the limit', (text: string) => runLimit(columnsOf(auctionRowsOf(text)), options)],
])('%s', (_, run) => {
  it.each([
    ['pairs a bid with its auction', 'A@5 a@9=3 b@9=4', 'a5-9=3 late 0'],
    ['takes a bid in the last ms and leaves the next out', 'A@5 a@25 a@26', 'a5-25=0 late 0'],
    ['leaves out a bid from before the opening', 'a@4 A@5', ' late 0'],
    ['pairs a bid that came before its auction', 'a@9=3 A@5', 'a5-9=3 late 0'],
    ['drops a record behind the watermark', 'A@5 z@30 a@23 a@24=2', 'a5-24=2 late 1'],
  ])('%s', (_title, input, expected) => {
    const { rows, lateCount } = run(input);
    const shown = rows.map(
      ({ auction, openedAt, bidAt, price }) =>
        `${String.fromCharCode(97 + auction)}${openedAt}-${bidAt}=${price}`,
    );
    expect(`${shown.join(' ')} late ${lateCount}`).toBe(expected);
  });
});

describe('loop, limit and the naive way', () => {
  const columns = makeAuctions({ count: 40_000, seed: 3 });
  const rows = toAuctionRows(columns);
  const w5 = { withinMs: 60_000, delayMs: 5_000 };

  it('agree on a workload with late records', () => {
    const expected = naive(rows, w5);
    const hashOf = (pairs: readonly AuctionBid[]): string =>
      numbersHash(pairs.map((pair) => [pair.auction, pair.openedAt, pair.bidAt, pair.price]));
    expect(expected.lateCount).toBeGreaterThan(10);
    for (const result of [auctionJoinLoop(rows, w5), runLimit(columns, w5)]) {
      expect(result.lateCount).toBe(expected.lateCount);
      expect(hashOf(result.rows)).toBe(hashOf(expected.rows));
    }
  });

  it('frees what can find no partner any more', () => {
    // An auction is kept for a minute and five seconds at most: 0.06 × 65 s / 6 ms.
    expect(auctionJoinLoop(rows, w5).keptCount).toBeLessThan(2_500);
  });
});
