import { describe, expect, test } from 'vitest';
import { followView, panView, zoomView, type PlaneView } from '../../../src/figures/plane/view.ts';

const BOUNDS: PlaneView = { eventMs: [0, 1_000], processingMs: [0, 1_000] };
const VIEW: PlaneView = { eventMs: [200, 600], processingMs: [0, 400] };
const text = ({ eventMs, processingMs }: PlaneView): string =>
  `[${eventMs.join(',')}) x [${processingMs.join(',')})`;

describe('a view', () => {
  test('zooms around a point', () => {
    const around = { eventMs: 400, processingMs: 200 };
    expect(text(zoomView(VIEW, 2, around, BOUNDS))).toBe('[300,500) x [100,300)');
  });

  test('never shows more than there is', () => {
    const around = { eventMs: 400, processingMs: 200 };
    expect(text(zoomView(VIEW, 0.1, around, BOUNDS))).toBe('[0,1000) x [0,1000)');
  });

  test('keeps its size when it runs into the edge', () => {
    expect(text(panView(VIEW, { event: -5, processing: 0.5 }, BOUNDS))).toBe('[0,400) x [200,600)');
  });

  test('follows a now line that has left it at the top, and else stays', () => {
    expect(followView(VIEW, 399, BOUNDS)).toBe(VIEW);
    expect(text(followView(VIEW, 401, BOUNDS))).toBe('[200,600) x [100,500)');
    expect(text(followView(VIEW, 990, BOUNDS))).toBe('[200,600) x [600,1000)');
  });
});
