import { type KeyStyle } from '../key-styles.ts';
import { short, tenths, type Outline } from './compact-path.ts';

type Corner = readonly [x: number, y: number];

/** Corners on a unit circle's scale, sized so that all shapes look equally heavy. */
const SHAPES: { readonly [style in Exclude<KeyStyle, 0 | 1>]: readonly Corner[] } = {
  2: rectangle(0.88, 0.88),
  3: [
    [0, -1.2],
    [1.15, 0.85],
    [-1.15, 0.85],
  ],
  4: [
    [0, -1.25],
    [1.25, 0],
    [0, 1.25],
    [-1.25, 0],
  ],
  5: [
    [0, 1.2],
    [-1.15, -0.85],
    [1.15, -0.85],
  ],
  6: cross(0.42, 1.2),
  7: cross(0.42, 1.2).map(([x, y]) => [(x - y) * Math.SQRT1_2, (x + y) * Math.SQRT1_2] as const),
  8: rectangle(1.3, 0.58),
};

/** The outline of a key's shape with radius `radius` px. Styles 0 and 1 are round. */
export function glyphOutline(style: KeyStyle, radius: number): Outline {
  if (style === 0 || style === 1) {
    const r = short(tenths(radius));
    const across = short(tenths(radius) * 2);
    return {
      start: [-radius, 0],
      rest: `a${r} ${r} 0 1 0 ${across} 0a${r} ${r} 0 1 0-${across} 0z`,
    };
  }
  return polygon(SHAPES[style].map(([x, y]) => [x * radius, y * radius] as const));
}

function polygon(corners: readonly Corner[]): Outline {
  const grid = corners.map(([x, y]) => [tenths(x), tenths(y)] as const);
  const sides = grid.slice(1).map(([x, y], index) => {
    const dx = x - grid[index][0];
    const dy = y - grid[index][1];
    if (dx === 0) return `v${short(dy)}`;
    if (dy === 0) return `h${short(dx)}`;
    return `l${short(dx)}${dy < 0 ? '' : ' '}${short(dy)}`;
  });
  return { start: [grid[0][0] / 10, grid[0][1] / 10], rest: `${sides.join('')}z` };
}

function rectangle(halfWidth: number, halfHeight: number): readonly Corner[] {
  return [
    [-halfWidth, -halfHeight],
    [halfWidth, -halfHeight],
    [halfWidth, halfHeight],
    [-halfWidth, halfHeight],
  ];
}

function cross(arm: number, reach: number): readonly Corner[] {
  return [
    [-arm, -reach],
    [arm, -reach],
    [arm, -arm],
    [reach, -arm],
    [reach, arm],
    [arm, arm],
    [arm, reach],
    [-arm, reach],
    [-arm, arm],
    [-reach, arm],
    [-reach, -arm],
    [-arm, -arm],
  ];
}
