import { describe, expect, test } from 'vitest';
import { copyFunction } from '../../../engine/datastream/function-copy.ts';

class WithPrivates {
  #seen = 0;
  label = 'plain';
  readonly next = (): number => (this.#seen += 1);
}

class WithArguments {
  readonly gapMs: number;
  readonly seen: string[] = [];

  constructor(gapMs: number) {
    this.gapMs = gapMs;
  }

  double(): number {
    return this.gapMs * 2;
  }
}

class WithHiddenArgument {
  #gapMs: number;

  constructor(gapMs = 5) {
    this.#gapMs = gapMs;
  }

  gap(): number {
    return this.#gapMs;
  }
}

/** As functions are usually written: an argument, and state that `open` creates. */
class WithState {
  readonly gapMs: number;
  #state: string | undefined;

  constructor(gapMs: number) {
    this.gapMs = gapMs;
  }

  open(): string {
    this.#state = `${this.#twice()}`;
    return this.#state;
  }

  #twice(): number {
    return this.gapMs * 2;
  }
}

class Choosy {
  readonly gapMs: number;

  constructor(gapMs: number) {
    if (gapMs === undefined) throw new Error('needs a gap');
    this.gapMs = gapMs;
  }
}

class ChoosyWithPrivates extends Choosy {
  #seen = 0;

  next(): number {
    return (this.#seen += 1);
  }
}

class ChoosyWithArrow extends Choosy {
  readonly gap = (): number => this.gapMs;
}

class WithArrow {
  readonly gapMs: number;
  readonly gap = (): number => this.gapMs;

  constructor(gapMs: number) {
    this.gapMs = gapMs;
  }
}

describe('copies of a function', () => {
  test('have private fields, and arrow functions that see their own', () => {
    const original = new WithPrivates();
    original.label = 'changed before the job was built';
    original.next();
    const copy = copyFunction(original);
    expect(copy.label).toBe('changed before the job was built');
    expect([copy.next(), copy.next(), original.next()]).toEqual([1, 2, 2]);
  });

  test('have what the constructor was given, and share no field', () => {
    const original = new WithArguments(7);
    const copy = copyFunction(original);
    copy.seen.push('a');
    expect(copy.double()).toBe(14);
    expect(original.seen).toEqual([]);
    expect(copy).toBeInstanceOf(WithArguments);
  });

  test('may have private names that do not come from an argument', () => {
    expect(copyFunction(new WithState(9)).open()).toBe('18');
  });

  test('have arrow functions of their own', () => {
    const original = new WithArrow(9);
    const copy = copyFunction(original);
    (original as { gapMs: number }).gapMs = 1;
    expect(copy.gap()).toBe(9);
  });

  test('do not need the constructor', () => {
    expect(copyFunction(new Choosy(9)).gapMs).toBe(9);
  });

  test.each([
    ['a private field made of an argument', new WithHiddenArgument(9), /WithHiddenArgument\.#gap/],
    [
      'private names without a constructor',
      new ChoosyWithPrivates(9),
      /#seen \(Error: needs a gap/,
    ],
    ['an arrow function without a constructor', new ChoosyWithArrow(9), /keeps `this`.*gap/],
  ])('%s is refused with a remedy, instead of a copy that is wrong', (_, original, message) => {
    expect(() => copyFunction(original)).toThrow(message);
  });
});
