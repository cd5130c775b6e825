/**
 * W5 by hand: each bid with its auction, when it comes within `withinMs` of the auction's opening.
 * Records come in any order within the watermark's delay, so both kinds are kept: an auction until
 * the watermark says that no bid can match it any more, a bid until its auction can't come. A
 * record behind the watermark is dropped.
 */
import type { AuctionRow } from '../auction-data.ts';

export interface AuctionJoinOptions {
  /** Pairs with auction ≤ bid ≤ auction + withinMs. */
  readonly withinMs: number;
  /** How far behind the largest timestamp the watermark stays. */
  readonly delayMs: number;
}

export interface AuctionBid {
  readonly auction: number;
  readonly openedAt: number;
  readonly bidAt: number;
  readonly price: number;
}

export interface AuctionJoinResult {
  readonly rows: readonly AuctionBid[];
  readonly lateCount: number;
  /** Records kept at the end of the input. */
  readonly keptCount: number;
}

/** How coarsely state is freed: keeping a record a second longer changes no result. */
const SWEEP_MS = 1_000;

interface Kept {
  readonly auctions: AuctionRow[];
  readonly bids: AuctionRow[];
}

/** The loop: what a good engineer would write, with row objects and `Map`. */
export function auctionJoinLoop(
  records: readonly AuctionRow[],
  { withinMs, delayMs }: AuctionJoinOptions,
): AuctionJoinResult {
  const keptByKey = new Map<number, Kept>();
  const expiring = new Map<number, AuctionRow[]>();
  const rows: AuctionBid[] = [];
  let watermark = -Infinity;
  let sweptTo = Infinity;
  let lateCount = 0;

  const pair = (auction: AuctionRow, bid: AuctionRow): void => {
    if (bid.ts < auction.ts || bid.ts > auction.ts + withinMs) return;
    rows.push({ auction: auction.key, openedAt: auction.ts, bidAt: bid.ts, price: bid.price });
  };
  const forget = (record: AuctionRow): void => {
    const kept = keptByKey.get(record.key);
    if (kept === undefined) return;
    const side = record.type === 'auction' ? kept.auctions : kept.bids;
    side.splice(side.indexOf(record), 1);
    if (kept.auctions.length === 0 && kept.bids.length === 0) keptByKey.delete(record.key);
  };
  const sweep = (): void => {
    for (; sweptTo + SWEEP_MS <= watermark; sweptTo += SWEEP_MS) {
      for (const record of expiring.get(sweptTo) ?? []) forget(record);
      expiring.delete(sweptTo);
    }
  };

  for (const record of records) {
    const { ts, key, type } = record;
    if (ts < watermark) {
      lateCount++;
      continue;
    }
    let kept = keptByKey.get(key);
    if (kept === undefined) {
      kept = { auctions: [], bids: [] };
      keptByKey.set(key, kept);
    }
    if (type === 'auction') {
      kept.auctions.push(record);
      for (const bid of kept.bids) pair(record, bid);
    } else {
      kept.bids.push(record);
      for (const auction of kept.auctions) pair(auction, record);
    }
    const expiresMs = type === 'auction' ? ts + withinMs : ts;
    const bucket = expiresMs - (expiresMs % SWEEP_MS);
    const together = expiring.get(bucket);
    if (together === undefined) expiring.set(bucket, [record]);
    else together.push(record);
    if (bucket < sweptTo) sweptTo = bucket;
    if (ts - delayMs - 1 > watermark) {
      watermark = ts - delayMs - 1;
      sweep();
    }
  }
  let keptCount = 0;
  for (const { auctions, bids } of keptByKey.values()) keptCount += auctions.length + bids.length;
  return { rows, lateCount, keptCount };
}
