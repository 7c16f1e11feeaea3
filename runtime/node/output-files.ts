/** Makes sure, before a long run starts, that the files it will write can be written. */
import fs from 'node:fs';
import path from 'node:path';
import { errorCode, reasonOf } from './files.ts';
import { RuntimeFailure } from '../failure.ts';

/**
 * Creates the folders of these files and checks that each can be written. Names may hold `{epoch}` and the
 * like, which a number will stand for. E0506 where one cannot.
 */
export function prepareOutputFiles(files: Iterable<string>): void {
  for (const pattern of files) {
    const file = pattern.replaceAll(/\{\w+\}/g, '0');
    try {
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.accessSync(path.dirname(file), fs.constants.W_OK);
      if (fs.existsSync(file)) {
        if (fs.statSync(file).isDirectory()) refuse(pattern, 'a folder has that name');
        fs.accessSync(file, fs.constants.W_OK);
      }
    } catch (error) {
      if (errorCode(error) === undefined) throw error;
      refuse(pattern, reasonOf(error));
    }
  }
}

function refuse(file: string, reason: string): never {
  throw new RuntimeFailure('E0506', `cannot write '${file}': ${reason}`, {
    help: 'choose another place; relative paths start at the current folder',
  });
}
