/** The parts of the site that the header leads to, in reading order. */
export const SECTIONS = [
  { id: 'lessons', path: '/lessons/', title: 'Lessons' },
  { id: 'exercises', path: '/exercises/', title: 'Exercises' },
  { id: 'designs', path: '/designs/', title: 'Designs' },
  { id: 'model', path: '/model/', title: 'Model' },
] as const;

export type SectionId = (typeof SECTIONS)[number]['id'];
