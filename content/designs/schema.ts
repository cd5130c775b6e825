/**
 * What every design question must hand over. The front matter is checked when the site is built;
 * the modules are checked by the compiler (`satisfies`), their numbers by running them.
 */
import type { CapacityCluster, DayLoad, DayObjective, Design, Twist } from '#engine';
import { z } from 'astro/zod';

/** Front matter of `content/designs/<slug>/question.mdx`. Unknown keys are refused. */
export const designSchema = z.strictObject({
  title: z.string().min(8).max(80),
  summary: z.string().min(8, 'write at least a few words').max(170),
  /** Who is asked this. */
  level: z.enum(['junior', 'senior', 'staff']),
  /** How long the interview gives it. */
  minutes: z.number().int().min(10).max(90),
  topics: z.array(z.string().min(3)).min(1, 'name at least one topic').max(8),
  draft: z.boolean().default(false),
});

export type DesignData = z.infer<typeof designSchema>;

/** A number that the candidate should be able to say, and where it comes from. */
export interface Estimate {
  readonly id: string;
  readonly prompt: string;
  /** Shown behind the input: `updates/s`. */
  readonly unit: string;
  /** How it is computed, with the numbers in it. */
  readonly formula: string;
  readonly value: number;
  /** An answer within this factor is right: 1.5 accepts ⅔ to 1½ of the value. */
  readonly toleranceFactor: number;
  /** What follows from it for the design. */
  readonly consequence: string;
}

/** The world a design is run in, and what it is judged by. Plain JSON. */
export interface DesignScenario {
  readonly load: DayLoad;
  readonly cluster: CapacityCluster;
  readonly twists: readonly Twist[];
  readonly objectives: readonly DayObjective[];
  /** What the form shows at first. */
  readonly firstDesign: Design;
  /** What "load the model answer" puts into the form. */
  readonly modelDesign: Design;
}

/** The four levels of each dimension, in rising order. */
export const RUBRIC_LEVELS = ['not yet', 'junior', 'senior', 'staff'] as const;

export type RubricLevel = (typeof RUBRIC_LEVELS)[number];

export interface RubricDimension {
  readonly id: string;
  readonly title: string;
  /** What one hears at each level. */
  readonly signals: Readonly<Record<RubricLevel, string>>;
}

export type Rubric = readonly RubricDimension[];
