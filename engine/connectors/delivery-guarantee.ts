import { ConfigError } from '../core/errors.ts';

/** How often a row of the input counts in what a sink holds, after failures too. */
export type DeliveryGuarantee = 'at-least-once' | 'exactly-once';

/** @throws ConfigError for a word that is no guarantee of a sink. */
export function checkDelivery(delivery: string): DeliveryGuarantee {
  if (delivery === 'at-least-once' || delivery === 'exactly-once') return delivery;
  throw new ConfigError(
    'a sink delivers at-least-once or exactly-once',
    delivery,
    "give delivery: 'at-least-once' or 'exactly-once'",
  );
}
