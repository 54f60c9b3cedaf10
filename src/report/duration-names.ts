/** Names under which it is kept how long something took. */

export function durationOfBuild(name: string): string {
  return `build ${name}`;
}

export function durationOfStep(subject: string, step: string): string {
  return `${subject} ${step}`;
}
