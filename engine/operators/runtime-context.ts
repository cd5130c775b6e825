import { ConfigError } from '../core/errors.ts';
import type { KeyedStateBackend } from '../state/keyed-state-backend.ts';
import type { KeyedStateStore, RuntimeContext, TaskInfo } from './functions.ts';

/** The runtime context of a function; `backend` is undefined when its stream is not keyed. */
export function runtimeContextOf(
  backend: KeyedStateBackend | undefined,
  taskInfo: TaskInfo,
): RuntimeContext {
  const store = keyedStateStoreOf(backend);
  return { ...store, getTaskInfo: () => taskInfo };
}

/** Models Flink 2.3 DefaultKeyedStateStore and the checks of StreamingRuntimeContext. */
export function keyedStateStoreOf(backend: KeyedStateBackend | undefined): KeyedStateStore {
  const keyed = (name: string): KeyedStateBackend => {
    if (backend !== undefined) return backend;
    throw new ConfigError(
      "keyed state can only be used on a 'keyed stream', i.e., after a 'keyBy()' operation",
      `state "${name}" on a stream without keys`,
      'call keyBy() before the operator, or use operator state (CheckpointedFunction)',
    );
  };
  return {
    getState: (descriptor) => keyed(descriptor.name).valueState(descriptor),
    getListState: (descriptor) => keyed(descriptor.name).listState(descriptor),
    getMapState: (descriptor) => keyed(descriptor.name).mapState(descriptor),
    getReducingState: (descriptor) => keyed(descriptor.name).reducingState(descriptor),
    getAggregatingState: (descriptor) => keyed(descriptor.name).aggregatingState(descriptor),
  };
}
