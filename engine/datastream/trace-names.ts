import type { StateInfo } from '../trace/trace.ts';

/** Gives states and side outputs, which appear while the job runs, their index in the header. */
export class TraceNames {
  readonly states: StateInfo[] = [];
  readonly tags: string[] = [];

  stateIndex(operator: string, name: string, kind: StateInfo['kind']): number {
    const known = this.states.findIndex(
      (state) => state.operator === operator && state.name === name && state.kind === kind,
    );
    if (known !== -1) return known;
    this.states.push({ name, operator, kind });
    return this.states.length - 1;
  }

  tagIndex(tagId: string): number {
    const known = this.tags.indexOf(tagId);
    if (known !== -1) return known;
    this.tags.push(tagId);
    return this.tags.length - 1;
  }
}
