import { closeSync, mkdirSync, openSync, utimesSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import {
  contentOf,
  directoryName,
  MODIFY_TIME_SECONDS,
  treeFiles,
  type TreeFile,
  type TreeShape,
} from './tree-files.ts';

export function makeTree(root: string, shape: TreeShape): void {
  mkdirSync(root, { recursive: true });
  for (let directory = 0; directory < shape.directoryCount; directory += 1) {
    mkdirSync(join(root, directoryName(directory)));
  }
  for (const file of treeFiles(shape)) {
    const path = join(root, file.path);
    writeContent(path, file);
    utimesSync(path, MODIFY_TIME_SECONDS, MODIFY_TIME_SECONDS);
  }
}

export function describeTree({ fileCount, fileSizeBytes }: TreeShape): string {
  const size = fileSizeBytes >= 2 ** 30 ? `${String(fileSizeBytes / 2 ** 30)} GiB` : sizeBelowGiB(fileSizeBytes);
  return `${fileCount.toLocaleString('en-US')} x ${size}`;
}

function sizeBelowGiB(bytes: number): string {
  return bytes >= 2 ** 20 ? `${String(bytes / 2 ** 20)} MiB` : `${String(bytes / 1024)} KiB`;
}

function writeContent(path: string, file: TreeFile): void {
  const descriptor = openSync(path, 'w');
  for (const chunk of contentOf(file)) writeSync(descriptor, chunk);
  closeSync(descriptor);
}
