/** How the watermarks of several inputs make one: spark.sql.streaming.multipleWatermarkPolicy. */
export type MultipleWatermarkPolicy = 'min' | 'max';

/**
 * The watermark of a query. Models Spark 4.2.0 WatermarkTracker: every withWatermark has the
 * latest event time it has seen less its delay; the query has the least (or, if told so, the
 * greatest) of them, where one that has seen nothing counts as 0. A silent input therefore holds
 * the query's watermark: there is no idleness.
 * Invariant: the query's watermark never decreases. Times are ms.
 */
export class WatermarkTracker {
  watermarkMs = 0;
  readonly #policy: MultipleWatermarkPolicy;
  readonly #byNode: (number | undefined)[];

  constructor(policy: MultipleWatermarkPolicy, nodeCount: number) {
    this.#policy = policy;
    this.#byNode = new Array<number | undefined>(nodeCount).fill(undefined);
  }

  /** A restart brings the query's watermark back; what each input had seen is forgotten. */
  restore(watermarkMs: number): void {
    this.watermarkMs = watermarkMs;
  }

  /** At the end of a batch: the latest event time of each withWatermark in it, less its delay. */
  update(byNode: readonly (number | undefined)[]): number {
    for (const [node, watermarkMs] of byNode.entries()) {
      if (watermarkMs === undefined) continue;
      const before = this.#byNode[node];
      if (before === undefined || watermarkMs > before) this.#byNode[node] = watermarkMs;
    }
    if (this.#byNode.length === 0) return this.watermarkMs;
    const known = this.#byNode.map((watermarkMs) => watermarkMs ?? 0);
    const chosenMs = this.#policy === 'min' ? Math.min(...known) : Math.max(...known);
    if (chosenMs > this.watermarkMs) this.watermarkMs = chosenMs;
    return this.watermarkMs;
  }
}
