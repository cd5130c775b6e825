import { type TraceReader } from '#engine';
import { nextStop, type Stops } from './jumps.ts';
import { type TransportCommand } from './keyboard.ts';

export const SPEEDS = [0.25, 0.5, 1, 2, 4] as const;
export type Speed = (typeof SPEEDS)[number];

/** How a run is played at speed 1: fact by fact, or its whole span of time in so many ms. */
export type Pace =
  | { readonly type: 'by-row'; readonly rowMs: number }
  | { readonly type: 'by-time'; readonly wholeMs: number };

/** The cursor of a figure: the row of the trace it shows, and whether it moves by itself. */
export class Playback {
  row = $state(0);
  isPlaying = $state(false);
  speed = $state<Speed>(1);

  readonly #reader: TraceReader;
  readonly #stops: Stops;
  readonly #pace: Pace;
  #frameRequest = 0;
  #playedMs = 0;
  #lastFrameMs = 0;

  constructor(reader: TraceReader, stops: Stops, pace: Pace, row: number) {
    this.#reader = reader;
    this.#stops = stops;
    this.#pace = pace;
    this.row = this.#clamp(row);
  }

  get lastRow(): number {
    return Math.max(0, this.#reader.rowCount - 1);
  }

  /** Moves the cursor; playing goes on from there. */
  seek(row: number): void {
    this.row = this.#clamp(row);
    this.#restart();
  }

  seekTime(atMs: number): void {
    this.seek(this.#reader.rowAtTime(atMs));
  }

  obey(command: TransportCommand): void {
    if (command === 'toggle-play') {
      if (this.isPlaying) this.pause();
      else this.play();
      return;
    }
    this.pause();
    this.row = this.#clamp(this.#target(command));
  }

  play(): void {
    if (this.row >= this.lastRow) this.row = 0;
    this.isPlaying = true;
    this.#restart();
    this.#frameRequest = requestAnimationFrame((ms) => this.#advance(ms));
  }

  pause(): void {
    this.isPlaying = false;
    if (this.#frameRequest !== 0) cancelAnimationFrame(this.#frameRequest);
    this.#frameRequest = 0;
  }

  #target(command: Exclude<TransportCommand, 'toggle-play'>): number {
    const { firings, failures } = this.#stops;
    switch (command) {
      case 'step':
        return this.row + 1;
      case 'step-back':
        return this.row - 1;
      case 'next-firing':
        return nextStop(firings, this.row, 1);
      case 'previous-firing':
        return nextStop(firings, this.row, -1);
      case 'next-failure': {
        const next = nextStop(failures, this.row, 1);
        return next === this.row ? (failures[0] ?? this.row) : next;
      }
      case 'start':
        return 0;
      case 'end':
        return this.lastRow;
    }
  }

  #advance(frameMs: number): void {
    if (!this.isPlaying) return;
    if (this.#lastFrameMs > 0) this.#move((frameMs - this.#lastFrameMs) * this.speed);
    this.#lastFrameMs = frameMs;
    if (this.row >= this.lastRow) this.pause();
    else this.#frameRequest = requestAnimationFrame((ms) => this.#advance(ms));
  }

  #move(elapsedMs: number): void {
    if (this.#pace.type === 'by-row') {
      this.#playedMs += elapsedMs;
      const rows = Math.floor(this.#playedMs / this.#pace.rowMs);
      this.#playedMs -= rows * this.#pace.rowMs;
      if (rows > 0) this.row = this.#clamp(this.row + rows);
      return;
    }
    const { atMs } = this.#reader.trace.columns;
    const spanMs = atMs[this.lastRow] - atMs[0];
    this.#playedMs += (elapsedMs / this.#pace.wholeMs) * spanMs;
    // Never backwards: many facts share one moment, and the cursor may be among them.
    this.row = Math.max(this.row, this.#clamp(this.#reader.rowAtTime(this.#playedMs)));
    if (this.#playedMs >= atMs[this.lastRow]) this.row = this.lastRow;
  }

  #restart(): void {
    this.#lastFrameMs = 0;
    this.#playedMs = this.#pace.type === 'by-row' ? 0 : this.#reader.trace.columns.atMs[this.row];
  }

  #clamp(row: number): number {
    return Math.max(0, Math.min(this.lastRow, row));
  }
}
