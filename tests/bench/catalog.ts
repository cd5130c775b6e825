/** All workloads, in the order in which they are printed. */
import type { Workload } from './workload.ts';
import { auctionJoin } from './workloads/auction-join.ts';
import { flightsPerHour } from './workloads/flights-per-hour.ts';
import { longRides } from './workloads/long-rides.ts';
import { mapFilterCount } from './workloads/map-filter-count.ts';
import { sessions } from './workloads/sessions.ts';
import { slidingTop } from './workloads/sliding-top.ts';
import { tumblingCountMicroBatch } from './workloads/tumbling-count-micro-batch.ts';
import { tumblingCountBatch } from './workloads/tumbling-count-batch.ts';
import {
  tumblingCount,
  tumblingCountCheckpointed,
  tumblingCountParallel,
  tumblingCountTraced,
} from './workloads/tumbling-count-variants.ts';

export const WORKLOADS: readonly Workload[] = [
  mapFilterCount,
  tumblingCount,
  slidingTop,
  sessions,
  auctionJoin,
  longRides,
  tumblingCountCheckpointed,
  tumblingCountBatch,
  tumblingCountMicroBatch,
  tumblingCountTraced,
  tumblingCountParallel,
  flightsPerHour,
];
