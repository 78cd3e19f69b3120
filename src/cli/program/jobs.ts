import type { Command } from 'commander';
import type { OverwriteWhen } from '../../client/messages.ts';
import type { CreateJobOptions } from '../commands/jobs-create.ts';
import type { ListJobsOptions } from '../commands/jobs-list.ts';
import type { RunJobOptions } from '../commands/jobs-run.ts';
import type { CommandContext } from '../command-context.ts';
import { parseCount, parseTimeout } from '../option-values.ts';
import type { ProjectOptions } from '../server-options.ts';
import { overwriteOption, projectOption, withServerOptions } from './server-flags.ts';
import type { Ended } from './ended.ts';

const AFTER = `
Examples:
  longrunning jobs create /srv/from /srv/to --name nightly
  longrunning jobs run nightly --wait
  longrunning jobs pause nightly`;

const JOB = 'the name: nightly and transferJobs/nightly are the same';
const JOB_OR_RUN = 'the name of the job, or of a run of it (transferOperations/…)';

/** `jobs …`, over google.storagetransfer.v1.StorageTransferService. */
export function addJobsCommands(program: Command, context: CommandContext, ended: Ended): void {
  const jobs = program
    .command('jobs')
    .description('make and run transfer jobs of a server')
    .addHelpText('after', AFTER);
  addLooks(jobs, context, ended);
  addRuns(jobs, context, ended);
  addChanges(jobs, context, ended);
}

function jobCommand(jobs: Command, name: string): Command {
  return withServerOptions(jobs.command(name)).addOption(projectOption());
}

function addLooks(jobs: Command, context: CommandContext, ended: Ended): void {
  jobCommand(jobs, 'list')
    .description('list the jobs of a project')
    .option('--filter <filter>', 'as ListTransferJobs has it, in place of --project and --all')
    .option('--limit <count>', 'list so many at most', parseCount, 100)
    .option('--all', 'deleted ones too')
    .action(async (options: ListJobsOptions) => {
      const { jobsList } = await import('../commands/jobs-list.ts');
      ended(await jobsList(options, context));
    });
  jobCommand(jobs, 'get')
    .description('show a job')
    .argument('<job>', JOB)
    .action(async (name: string, options: ProjectOptions) => {
      const { jobsGet } = await import('../commands/jobs-get.ts');
      ended(await jobsGet(name, options, context));
    });
}

function addRuns(jobs: Command, context: CommandContext, ended: Ended): void {
  jobCommand(jobs, 'run')
    .description('start a run of a job; prints the name of the operation')
    .argument('<job>', JOB)
    .option('--wait', 'until it is done; the exit status says how it has ended')
    .option('--timeout <duration>', 'wait so long at most, such as 30s or 5m', parseTimeout)
    .action(async (name: string, options: RunJobOptions) => {
      const { jobsRun } = await import('../commands/jobs-run.ts');
      ended(await jobsRun(name, options, context));
    });
  jobCommand(jobs, 'pause')
    .description('pause the run of a job that is under way')
    .argument('<job>', JOB_OR_RUN)
    .action(async (name: string, options: ProjectOptions) => {
      const { jobsPause } = await import('../commands/jobs-pause.ts');
      ended(await jobsPause(name, options, context));
    });
  jobCommand(jobs, 'resume')
    .description('let a paused run go on')
    .argument('<job>', JOB_OR_RUN)
    .action(async (name: string, options: ProjectOptions) => {
      const { jobsResume } = await import('../commands/jobs-resume.ts');
      ended(await jobsResume(name, options, context));
    });
}

function addChanges(jobs: Command, context: CommandContext, ended: Ended): void {
  jobCommand(jobs, 'create')
    .description('make a job that copies a directory to another one; prints its name')
    .argument('<source>', 'directory that is copied')
    .argument('<destination>', 'directory that it is copied to')
    .option('--name <job>', 'its name; made by the server unless given')
    .option('--description <text>', 'what it is for')
    .addOption(overwriteOption())
    .action(
      async (source: string, sink: string, flags: Omit<CreateJobOptions, 'overwrite'> & { overwrite: string }) => {
        const { jobsCreate } = await import('../commands/jobs-create.ts');
        const options = { ...flags, overwrite: flags.overwrite.toUpperCase() as OverwriteWhen };
        ended(await jobsCreate({ source, sink }, options, context));
      },
    );
  jobCommand(jobs, 'delete')
    .description('delete a job; a run that is under way goes on')
    .argument('<job>', JOB)
    .action(async (name: string, options: ProjectOptions) => {
      const { jobsDelete } = await import('../commands/jobs-delete.ts');
      ended(await jobsDelete(name, options, context));
    });
}
