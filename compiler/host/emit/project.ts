/** ts-morph, set up once: two spaces, single quotes, no files on disk. */
import { IndentationText, NewLineKind, Project, QuoteKind, type SourceFile } from 'ts-morph';

export const newProject = (): Project =>
  new Project({
    useInMemoryFileSystem: true,
    manipulationSettings: {
      indentationText: IndentationText.TwoSpaces,
      newLineKind: NewLineKind.LineFeed,
      quoteKind: QuoteKind.Single,
    },
  });

/** The text of a file, laid out; ends with a newline. */
export function formatSource(source: SourceFile): string {
  source.formatText({ indentSize: 2, convertTabsToSpaces: true, newLineCharacter: '\n' });
  return `${source
    .getFullText()
    .replace(/\n{3,}/g, '\n\n')
    .trim()}\n`;
}
