import { ConfigError } from '../core/errors.ts';

/** When the time that a value lives starts again. */
export type UpdateType = 'Disabled' | 'OnCreateAndWrite' | 'OnReadAndWrite';
/** Whether a value that has expired can still be read before it is cleaned up. */
export type StateVisibility = 'NeverReturnExpired' | 'ReturnExpiredIfNotCleanedUp';

interface TtlSettings {
  readonly timeToLiveMs: number;
  readonly updateType: UpdateType;
  readonly stateVisibility: StateVisibility;
  readonly isFullSnapshotCleaned: boolean;
  readonly isBackgroundCleaned: boolean;
  /** Set by `cleanupIncrementally`. */
  readonly incremental: IncrementalCleanup | undefined;
}

/** Entries looked at with every access, and whether every record counts as one. */
export interface IncrementalCleanup {
  readonly cleanupSize: number;
  readonly runCleanupForEveryRecord: boolean;
}

const DEFAULT_INCREMENTAL: IncrementalCleanup = { cleanupSize: 5, runCleanupForEveryRecord: false };

/**
 * How long state lives after its last write. Models Flink 2.3 `StateTtlConfig` with its defaults:
 * OnCreateAndWrite, NeverReturnExpired, cleaned up in the background.
 * Simplified: time is processing time, the only characteristic that Flink has.
 */
export class StateTtlConfig {
  static readonly UpdateType = {
    Disabled: 'Disabled',
    OnCreateAndWrite: 'OnCreateAndWrite',
    OnReadAndWrite: 'OnReadAndWrite',
  } as const;
  static readonly StateVisibility = {
    NeverReturnExpired: 'NeverReturnExpired',
    ReturnExpiredIfNotCleanedUp: 'ReturnExpiredIfNotCleanedUp',
  } as const;
  readonly #settings: TtlSettings;

  /** Use `StateTtlConfig.newBuilder(timeToLiveMs)`. */
  constructor(settings: TtlSettings) {
    this.#settings = settings;
  }

  /** @throws ConfigError when `timeToLiveMs` is not positive. */
  static newBuilder(timeToLiveMs: number): StateTtlConfigBuilder {
    return new StateTtlConfigBuilder(timeToLiveMs);
  }

  getTimeToLive(): number {
    return this.#settings.timeToLiveMs;
  }

  getUpdateType(): UpdateType {
    return this.#settings.updateType;
  }

  getStateVisibility(): StateVisibility {
    return this.#settings.stateVisibility;
  }

  isEnabled(): boolean {
    return this.#settings.updateType !== 'Disabled';
  }

  /** Whether what has expired is left out of checkpoints. */
  inFullSnapshot(): boolean {
    return this.#settings.isFullSnapshotCleaned;
  }

  /** How the heap backend looks for expired entries on the way; undefined: not at all. */
  getIncrementalCleanup(): IncrementalCleanup | undefined {
    const { incremental, isBackgroundCleaned } = this.#settings;
    return incremental ?? (isBackgroundCleaned ? DEFAULT_INCREMENTAL : undefined);
  }
}

/** Builds a `StateTtlConfig`, in the words of Flink 2.3. */
export class StateTtlConfigBuilder {
  #settings: TtlSettings;

  constructor(timeToLiveMs: number) {
    this.#settings = {
      timeToLiveMs,
      updateType: 'OnCreateAndWrite',
      stateVisibility: 'NeverReturnExpired',
      isFullSnapshotCleaned: false,
      isBackgroundCleaned: true,
      incremental: undefined,
    };
  }

  setTimeToLive(timeToLiveMs: number): this {
    return this.#set({ timeToLiveMs });
  }

  setUpdateType(updateType: UpdateType): this {
    return this.#set({ updateType });
  }

  updateTtlOnCreateAndWrite(): this {
    return this.setUpdateType('OnCreateAndWrite');
  }

  updateTtlOnReadAndWrite(): this {
    return this.setUpdateType('OnReadAndWrite');
  }

  setStateVisibility(stateVisibility: StateVisibility): this {
    return this.#set({ stateVisibility });
  }

  neverReturnExpired(): this {
    return this.setStateVisibility('NeverReturnExpired');
  }

  returnExpiredIfNotCleanedUp(): this {
    return this.setStateVisibility('ReturnExpiredIfNotCleanedUp');
  }

  /** Processing time is the only time that state can expire by. */
  useProcessingTime(): this {
    return this;
  }

  /** Leaves what has expired out of checkpoints; the running job still holds it. */
  cleanupFullSnapshot(): this {
    return this.#set({ isFullSnapshotCleaned: true });
  }

  /** Heap backend: every access looks at some more entries. Default 5, not for every record. */
  cleanupIncrementally(cleanupSize: number, runCleanupForEveryRecord: boolean): this {
    return this.#set({ incremental: { cleanupSize, runCleanupForEveryRecord } });
  }

  disableCleanupInBackground(): this {
    return this.#set({ isBackgroundCleaned: false });
  }

  build(): StateTtlConfig {
    const { timeToLiveMs } = this.#settings;
    if (!Number.isInteger(timeToLiveMs) || timeToLiveMs <= 0) {
      throw new ConfigError(
        'TTL is expected to be positive, in whole ms',
        timeToLiveMs,
        'use for example hours(1)',
      );
    }
    return new StateTtlConfig(this.#settings);
  }

  #set(changed: Partial<TtlSettings>): this {
    this.#settings = { ...this.#settings, ...changed };
    return this;
  }
}
