/**
 * W5 as fast as we know how: the rules of `auction-join.ts` with typed arrays. An auction opens
 * once, so its time is a column; the bids that wait for an auction are lists of slots.
 */
import type { AuctionColumns } from '../auction-data.ts';
import { Calendar } from './calendar.ts';
import type { AuctionBid, AuctionJoinOptions, AuctionJoinResult } from './auction-join.ts';

const BUCKET_MS = 64;
/** More than any record is behind the largest timestamp. */
const DISORDER_MS_MAX = 60_000;
const NOT_OPEN = -1;

/** Results, of which the first `rowCount` places count. */
export interface AuctionBidColumns {
  readonly auction: Int32Array;
  readonly openedAt: Int32Array;
  readonly bidAt: Int32Array;
  readonly price: Int32Array;
}

/** Give the same memory to each round: fresh memory costs more than the work. */
export function allocatePairs(recordCount: number): AuctionBidColumns {
  return {
    auction: new Int32Array(recordCount),
    openedAt: new Int32Array(recordCount),
    bidAt: new Int32Array(recordCount),
    price: new Int32Array(recordCount),
  };
}

/** Bids are kept in slots of a ring of this many; a bid is kept for the watermark's delay only. */
const BID_SLOTS = 1 << 16;

/** The limit. Times inside are relative to the workload's start. */
export function auctionJoinLimit(
  columns: AuctionColumns,
  { withinMs, delayMs }: AuctionJoinOptions,
  out: AuctionBidColumns = allocatePairs(columns.timestampMs.length),
): { readonly rowCount: number; readonly lateCount: number } {
  const { auctionCount, timestampMs, key: keys, isAuction, price } = columns;
  const openedAt = new Int32Array(auctionCount).fill(NOT_OPEN);
  const firstBid = new Int32Array(auctionCount).fill(-1);
  const bidAt = new Int32Array(BID_SLOTS);
  const bidPrice = new Int32Array(BID_SLOTS);
  const bidOf = new Int32Array(BID_SLOTS).fill(-1);
  const nextBid = new Int32Array(BID_SLOTS);
  const auctionEnds = new Calendar(auctionCount, withinMs + delayMs + DISORDER_MS_MAX, BUCKET_MS);
  let nextSlot = 0;
  let watermark = -1;
  let rowCount = 0;
  let lateCount = 0;

  const pair = (auction: number, bidMs: number, amount: number): void => {
    const opened = openedAt[auction];
    if (bidMs < opened || bidMs > opened + withinMs) return;
    out.auction[rowCount] = auction;
    out.openedAt[rowCount] = opened;
    out.bidAt[rowCount] = bidMs;
    out.price[rowCount++] = amount;
  };
  const unlink = (slot: number): void => {
    const auction = bidOf[slot];
    if (auction === -1) return;
    if (bidAt[slot] >= watermark) throw new RangeError('too many bids wait: make more slots');
    bidOf[slot] = -1;
    if (firstBid[auction] === slot) {
      firstBid[auction] = nextBid[slot];
      return;
    }
    let before = firstBid[auction];
    while (nextBid[before] !== slot) before = nextBid[before];
    nextBid[before] = nextBid[slot];
  };
  const closeAuction = (auction: number): void => {
    openedAt[auction] = NOT_OPEN;
  };

  for (let i = 0; i < timestampMs.length; i++) {
    const ts = timestampMs[i];
    if (ts < watermark) {
      lateCount++;
      continue;
    }
    const auction = keys[i];
    if (isAuction[i] === 1) {
      openedAt[auction] = ts;
      auctionEnds.put(auction, ts + withinMs);
      for (let bid = firstBid[auction]; bid !== -1; bid = nextBid[bid]) {
        pair(auction, bidAt[bid], bidPrice[bid]);
      }
    } else if (openedAt[auction] !== NOT_OPEN) {
      pair(auction, ts, price[i]);
    } else {
      const slot = nextSlot;
      nextSlot = (slot + 1) % BID_SLOTS;
      unlink(slot);
      bidAt[slot] = ts;
      bidPrice[slot] = price[i];
      bidOf[slot] = auction;
      nextBid[slot] = firstBid[auction];
      firstBid[auction] = slot;
    }
    if (ts - delayMs - 1 > watermark) {
      watermark = ts - delayMs - 1;
      auctionEnds.takeDue(watermark - 1, closeAuction);
    }
  }
  return { rowCount, lateCount };
}

/** The limit's result in the loop's form, to compare them. */
export function toPairs(
  out: AuctionBidColumns,
  { rowCount, lateCount }: { readonly rowCount: number; readonly lateCount: number },
  startMs: number,
): Omit<AuctionJoinResult, 'keptCount'> {
  const rows: AuctionBid[] = Array.from({ length: rowCount }, (_, row) => ({
    auction: out.auction[row],
    openedAt: startMs + out.openedAt[row],
    bidAt: startMs + out.bidAt[row],
    price: out.price[row],
  }));
  return { rows, lateCount };
}
