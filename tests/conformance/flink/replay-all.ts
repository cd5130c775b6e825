import { difference } from './compare.ts';
import { replay } from './replay.ts';
import type { ReplayMode } from './replay.ts';
import type { FlinkScenario, StepOutcome } from './scenario.ts';

/** How the engine keeps state, and whether it writes a trace, must make no difference. */
const MODES: readonly ReplayMode[] = [
  { backendType: 'hashmap', isTraced: true },
  { backendType: 'hashmap', isTraced: false },
  { backendType: 'rocksdb', isTraced: false },
];

/** How the engine's runs differ from what Flink made of a scenario; undefined: in nothing. */
export function differenceFrom(
  flink: readonly StepOutcome[],
  scenario: FlinkScenario,
): string | undefined {
  for (const mode of MODES) {
    const found = difference(scenario, flink, replay(scenario, mode), mode.isTraced);
    if (found === undefined) continue;
    return `${found} (${mode.backendType}${mode.isTraced ? '' : ', without a trace'})`;
  }
  return undefined;
}
