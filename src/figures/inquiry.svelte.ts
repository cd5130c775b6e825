import {
  explainOutput,
  explainSilence,
  type OutputLineage,
  type Silence,
  type TraceReader,
} from '#engine';
import { type Highlight } from './plane/highlight.ts';
import { type WindowColumn } from './plane/window-columns.ts';

/** What the reader has asked about the run, and the answer that the trace gives. */
export class Inquiry {
  lineage = $state.raw<OutputLineage>();
  silence = $state.raw<Silence>();
  readonly #reader: TraceReader;

  constructor(reader: TraceReader) {
    this.#reader = reader;
  }

  get isOpen(): boolean {
    return this.lineage !== undefined || this.silence !== undefined;
  }

  get highlight(): Highlight | undefined {
    return this.lineage;
  }

  /** The split that holds the watermark, when the silence has one culprit. */
  get heldBySplit(): number | undefined {
    return this.silence?.subtasks.find(({ heldBy }) => heldBy?.split !== undefined)?.heldBy?.split;
  }

  /** "Why is this here?", for a `sink-written` or a `window-fired` row. */
  askOutput(row: number): void {
    this.silence = undefined;
    this.lineage = explainOutput(this.#reader, row);
  }

  /** The first firing of a column, or, before it, why it has not fired. */
  askColumn({ panes }: WindowColumn, row: number): void {
    const fired = panes.findLast(({ firstRow }) => firstRow <= row);
    if (fired === undefined) this.askSilence(row);
    else this.askOutput(fired.firings[0].row);
  }

  /** "Why did nothing fire?", as of `row`. */
  askSilence(row: number): void {
    this.lineage = undefined;
    this.silence = explainSilence(this.#reader, row);
  }

  close(): void {
    this.lineage = undefined;
    this.silence = undefined;
  }
}
