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

class WithPrivateMethod {
  readonly gapMs: number;

  constructor(gapMs: number) {
    this.gapMs = gapMs;
  }

  gap(): number {
    return this.#twice();
  }

  #twice(): number {
    return this.gapMs * 2;
  }
}

class WithArrow {
  readonly gapMs: number;
  readonly gap = (): number => this.gapMs;

  constructor(gapMs: number) {
    this.gapMs = gapMs;
  }
}

class WithOptionalArgument {
  readonly gapMs: number;

  constructor(gapMs = 5) {
    this.gapMs = gapMs;
  }

  gap(): number {
    return this.#twice();
  }

  #twice(): number {
    return this.gapMs * 2;
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

  test('keep an argument that has a default', () => {
    expect(copyFunction(new WithOptionalArgument(9)).gap()).toBe(18);
  });

  test.each([
    ['a private field made of an argument', new WithHiddenArgument(9), /WithHiddenArgument\.#gap/],
    ['a private method', new WithPrivateMethod(9), /WithPrivateMethod\.#twice/],
    ['an arrow function with `this`', new WithArrow(9), /arrow functions: got "?gap/],
  ])('%s is refused with a remedy, instead of a copy that is wrong', (_, original, message) => {
    expect(() => copyFunction(original)).toThrow(message);
  });
});
