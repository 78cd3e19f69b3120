/** A job's full name: `nightly` and `transferJobs/nightly` are the same. */
export function jobNameFrom(text: string): string {
  return text.includes('/') ? text : `transferJobs/${text}`;
}
