import type { Report } from './report.ts';

/** Where one run may put what it needs: a directory that is removed at the end. */
export interface Workspace {
  readonly directory: string;
}

/** Checks of one kind, which need tools that npm does not bring. */
export interface Suite {
  readonly name: string;
  /**
   * Installs what the suite needs. Suites prepare at the same time, and run one after the other.
   *
   * @returns what runs the checks and reports each.
   * @throws MissingToolError when this machine lacks a tool; any other error is a failure.
   */
  prepare(workspace: Workspace): Promise<(report: Report) => Promise<void>>;
}

/** The only ground on which a suite is skipped: the machine has no such tool, and the network brings none. */
export class MissingToolError extends Error {
  override readonly name = 'MissingToolError';
}
