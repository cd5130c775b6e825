/** Astro asks for this namespace; it lets a lesson's components know which lesson they stand in. */
declare namespace App {
  interface Locals {
    lesson?: import('./lesson-context.ts').LessonContext;
  }
}
