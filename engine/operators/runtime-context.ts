import type { KeyedStateBackend } from '../state/keyed-state-backend.ts';
import type { RuntimeContext, TaskInfo } from './functions.ts';

/** The runtime context of a function on a keyed stream. */
export function runtimeContextOf(backend: KeyedStateBackend, taskInfo: TaskInfo): RuntimeContext {
  return {
    getState: (descriptor) => backend.valueState(descriptor),
    getMapState: (descriptor) => backend.mapState(descriptor),
    getTaskInfo: () => taskInfo,
  };
}
