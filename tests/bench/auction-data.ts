/** Auctions and bids for the join: one record in seventeen opens an auction, the others bid. */
import { mulberry32 } from './seeded-draws.ts';
import {
  DISORDER_MS,
  LATER_MS_MAX,
  RECORD_GAP_MS,
  START_MS,
  drawDisorder,
} from './workload-data.ts';

const AUCTION_SHARE = 0.06;
/** A bid is for one of the auctions that opened last; some of them are too old to count. */
const RECENT_AUCTIONS = 900;
const PRICE_MAX = 1_000;

/** A record of either kind, as an engineer would write it by hand. */
export interface AuctionRow {
  readonly ts: number;
  /** Id of the auction that it opens, or bids for. */
  readonly key: number;
  readonly type: 'auction' | 'bid';
  /** The bid, or the price to begin with. */
  readonly price: number;
}

/** The same records as columns, times relative to `startMs`. */
export interface AuctionColumns {
  readonly startMs: number;
  readonly auctionCount: number;
  readonly timestampMs: Int32Array;
  readonly key: Int32Array;
  readonly isAuction: Uint8Array;
  readonly price: Int32Array;
}

export function makeAuctions(options: {
  readonly count: number;
  readonly seed: number;
}): AuctionColumns {
  const { count, seed } = options;
  const random = mulberry32(seed);
  const timestampMs = new Int32Array(count);
  const key = new Int32Array(count);
  const isAuction = new Uint8Array(count);
  const price = new Int32Array(count);
  const firstArrivalMs = DISORDER_MS + LATER_MS_MAX;
  let auctionCount = 0;
  for (let i = 0; i < count; i++) {
    timestampMs[i] = firstArrivalMs + i * RECORD_GAP_MS - drawDisorder(random);
    price[i] = Math.floor(random() * PRICE_MAX);
    // The first record opens an auction: there must be one to bid for.
    if (auctionCount === 0 || random() < AUCTION_SHARE) {
      isAuction[i] = 1;
      key[i] = auctionCount++;
    } else {
      const back = Math.floor(random() * Math.min(RECENT_AUCTIONS, auctionCount));
      key[i] = auctionCount - 1 - back;
    }
  }
  return { startMs: START_MS, auctionCount, timestampMs, key, isAuction, price };
}

/** One object a record, with times since 1970. */
export function toAuctionRows(columns: AuctionColumns): AuctionRow[] {
  const { startMs, timestampMs, key, isAuction, price } = columns;
  return Array.from(timestampMs, (relativeMs, i) => ({
    ts: startMs + relativeMs,
    key: key[i],
    type: isAuction[i] === 1 ? 'auction' : 'bid',
    price: price[i],
  }));
}
