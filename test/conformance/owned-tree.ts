import {
  chmodSync,
  chownSync,
  lchownSync,
  lutimesSync,
  mkdirSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { getuid } from 'node:process';

/** Permissions that somebody may have set, setuid, setgid and sticky among them; we may read all of them, root or not. */
const FILE_MODES = [0o400, 0o600, 0o640, 0o644, 0o666, 0o755, 0o4755, 0o2755, 0o6711, 0o1644];
const DIRECTORY_MODES = [0o700, 0o755, 0o1777, 0o2775];

/** Where links may lead: nobody is to care. */
const TARGETS = [
  'file-644',
  'nowhere',
  '.',
  '..',
  '/etc/passwd',
  '../../../..',
  'itself',
  ' odd \n name',
  'x'.repeat(1000),
];

/** Files, links and directories with all kinds of modes, some directories empty; as root with owners of all kinds, too. */
export function plantOwnedTree(root: string): void {
  mkdirSync(root);
  for (const [index, mode] of FILE_MODES.entries()) plantFile(`${root}/file-${mode.toString(8)}`, mode, index);
  for (const [index, target] of TARGETS.entries()) plantLink(`${root}/link-${index}`, target, index);
  for (const [index, mode] of DIRECTORY_MODES.entries()) {
    const directory = `${root}/directory-${mode.toString(8)}`;
    mkdirSync(`${directory}/empty`, { recursive: true });
    plantFile(`${directory}/file`, mode & 0o777, index);
    own(directory, mode, index + 100);
    own(`${directory}/empty`, mode, index + 200);
  }
}

/** Changes nothing but modes, owners and what links say. */
export function changeOwnedTree(root: string): void {
  for (const [index, mode] of FILE_MODES.entries()) own(`${root}/file-${mode.toString(8)}`, 0o4710, index + 7);
  for (const [index, target] of TARGETS.entries()) {
    unlinkSync(`${root}/link-${index}`);
    plantLink(`${root}/link-${index}`, index % 2 === 0 ? target : `${target}-changed`, index + 9);
  }
  for (const mode of DIRECTORY_MODES) own(`${root}/directory-${mode.toString(8)}/empty`, 0o750, 300);
}

function plantFile(path: string, mode: number, id: number): void {
  writeFileSync(path, path);
  own(path, mode, id);
}

function plantLink(path: string, target: string, id: number): void {
  symlinkSync(target, path);
  if (getuid?.() === 0) lchownSync(path, id, id + 1);
  lutimesSync(path, 1.5e9, 1.5e9);
}

/** The mode last: chown takes setuid and setgid away. */
function own(path: string, mode: number, id: number): void {
  if (getuid?.() === 0) chownSync(path, id, id + 1);
  chmodSync(path, mode);
}
