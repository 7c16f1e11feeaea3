/**
 * The grammar of LANGUAGE.md section 3: declarations and statements. In: tokens whose keywords and line breaks
 * are settled (keywords.ts, layout.ts). Out: a concrete syntax tree and the places where it does not hold. No
 * actions: build-*.ts makes the tree of ast.ts. Wider than the language in a few spots, so that an error can be
 * told by name later: any statement may stand anywhere, any tensor may lack its name, comparisons may chain.
 * An error leaves its statement, or its head where a block follows: only these rules resynchronize.
 */
import type { CstNode, IRecognitionException, IToken } from 'chevrotain';
import { ExpressionParser } from './grammar-expressions.ts';
import type { Rule } from './grammar-expressions.ts';
import { Broken, FnBlock, HeadEnd, K, T } from './tokens.ts';

export class NetParser extends ExpressionParser {
  /** `validate` looks for ambiguities in the grammar itself; a test asks for it. */
  constructor(options: { validate: boolean }) {
    super(options);
    this.performSelfAnalysis();
  }

  readonly file: Rule = this.RULE('file', () => {
    this.OPTION(() => {
      this.SUBRULE(this.statement);
      this.MANY(() => {
        this.CONSUME(T.Newline);
        this.SUBRULE2(this.statement);
      });
    });
  });

  readonly statement: Rule = this.RULE('statement', () => {
    this.OR([
      { ALT: () => this.SUBRULE(this.bindingStatement) },
      { ALT: () => this.SUBRULE(this.columnStatement) },
      { ALT: () => this.SUBRULE(this.weightStatement) },
      { ALT: () => this.SUBRULE(this.valueStatement) },
      { ALT: () => this.SUBRULE(this.repeatStatement) },
      { ALT: () => this.SUBRULE(this.scanStatement) },
      { ALT: () => this.SUBRULE(this.ifStatement) },
      { ALT: () => this.SUBRULE(this.namedStatement) },
      { ALT: () => this.SUBRULE(this.splitStatement) },
      { ALT: () => this.SUBRULE(this.stepStatement) },
      { ALT: () => this.SUBRULE(this.minimizeStatement) },
      { ALT: () => this.SUBRULE(this.useDeclaration) },
      { ALT: () => this.SUBRULE(this.letDeclaration) },
      { ALT: () => this.SUBRULE(this.functionDeclaration) },
      { ALT: () => this.SUBRULE(this.layerDeclaration) },
      { ALT: () => this.SUBRULE(this.dataDeclaration) },
      { ALT: () => this.SUBRULE(this.trainDeclaration) },
      { ALT: () => this.SUBRULE(this.brokenStatement) },
    ]);
  });

  // Declarations ------------------------------------------------------------------------------------------

  readonly useDeclaration: Rule = this.rule('useDeclaration', () => {
    this.CONSUME(K.use);
    this.CONSUME(T.String);
  });

  readonly letDeclaration: Rule = this.rule('letDeclaration', () => {
    this.CONSUME(K.let);
    this.CONSUME(T.Name);
    this.CONSUME(T.Equals);
    this.SUBRULE(this.expression);
  });

  readonly functionDeclaration: Rule = this.rule('functionDeclaration', () => {
    this.OR([
      {
        ALT: () => {
          this.SUBRULE(this.functionHead);
          this.SUBRULE(this.block);
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.fn);
          this.CONSUME(T.Name);
          this.SUBRULE(this.parameters);
          this.CONSUME(T.Equals);
          this.SUBRULE(this.expression);
        },
      },
    ]);
  });

  readonly functionHead: Rule = this.RULE('functionHead', () => {
    this.CONSUME(FnBlock);
    this.CONSUME(T.Name);
    this.SUBRULE(this.parameters);
    this.CONSUME(HeadEnd);
  });

  readonly layerDeclaration: Rule = this.rule('layerDeclaration', () => {
    this.SUBRULE(this.layerHead);
    this.SUBRULE(this.block);
  });

  readonly layerHead: Rule = this.RULE('layerHead', () => {
    this.OR([{ ALT: () => this.CONSUME(K.layer) }, { ALT: () => this.CONSUME(K.model) }]);
    this.CONSUME(T.Name);
    this.OPTION(() => this.SUBRULE(this.parameters));
    this.CONSUME(T.Colon);
    this.SUBRULE(this.tensors);
    this.CONSUME(T.Arrow);
    this.SUBRULE2(this.tensors);
    this.CONSUME(HeadEnd);
  });

  readonly dataDeclaration: Rule = this.rule('dataDeclaration', () => {
    this.SUBRULE(this.dataHead);
    this.SUBRULE(this.block);
  });

  readonly dataHead: Rule = this.RULE('dataHead', () => {
    this.CONSUME(K.data);
    this.CONSUME(T.Name);
    this.CONSUME(HeadEnd);
  });

  readonly trainDeclaration: Rule = this.rule('trainDeclaration', () => {
    this.SUBRULE(this.trainHead);
    this.SUBRULE(this.block);
  });

  readonly trainHead: Rule = this.RULE('trainHead', () => {
    this.CONSUME(K.train);
    this.OPTION(() => this.CONSUME(T.Name, { LABEL: 'own' }));
    this.CONSUME(K.on);
    this.CONSUME2(T.Name, { LABEL: 'data' });
    this.CONSUME(HeadEnd);
  });

  readonly block: Rule = this.rule('block', () => {
    this.CONSUME(T.LeftBrace);
    this.OPTION(() => {
      this.SUBRULE(this.statement);
      this.MANY(() => {
        this.CONSUME(T.Newline);
        this.SUBRULE2(this.statement);
      });
    });
    this.CONSUME(T.RightBrace);
  });

  // Statements --------------------------------------------------------------------------------------------

  readonly bindingStatement: Rule = this.rule('bindingStatement', () => {
    this.SUBRULE(this.binding);
    this.MANY(() => {
      this.CONSUME(T.Comma);
      this.SUBRULE2(this.binding);
    });
  });

  readonly binding: Rule = this.rule('binding', () => {
    this.SUBRULE(this.target);
    this.CONSUME(T.Equals);
    this.SUBRULE(this.expression);
  });

  readonly target: Rule = this.rule('target', () => {
    this.OR([
      { ALT: () => this.CONSUME(T.Name) },
      {
        ALT: () => {
          this.CONSUME(T.LeftParenthesis);
          this.CONSUME2(T.Name);
          this.MANY(() => {
            this.CONSUME(T.Comma);
            this.CONSUME3(T.Name);
          });
          this.OPTION(() => this.CONSUME2(T.Comma));
          this.CONSUME(T.RightParenthesis);
        },
      },
    ]);
  });

  /** A tensor, but with any index in its brackets: `x[:, 0] = 3` is refused by name. */
  readonly columnStatement: Rule = this.rule('columnStatement', () => {
    this.OPTION(() => this.CONSUME(T.Name));
    this.CONSUME(T.LeftBracket);
    this.OPTION2(() => this.SUBRULE(this.ranges));
    this.CONSUME(T.RightBracket);
    this.OPTION3(() => this.CONSUME2(T.Name, { LABEL: 'dtype' }));
    this.OPTION4(() => {
      this.CONSUME(T.Equals);
      this.SUBRULE(this.expression);
    });
  });

  readonly weightStatement: Rule = this.rule('weightStatement', () => {
    this.OR([{ ALT: () => this.CONSUME(K.param) }, { ALT: () => this.CONSUME(K.state) }]);
    this.SUBRULE(this.weight);
    this.MANY(() => {
      this.CONSUME(T.Comma);
      this.SUBRULE2(this.weight);
    });
  });

  readonly weight: Rule = this.rule('weight', () => {
    this.SUBRULE(this.tensor);
    this.OPTION(() => {
      this.CONSUME(T.Equals);
      this.SUBRULE(this.expression);
    });
  });

  readonly valueStatement: Rule = this.rule('valueStatement', () => {
    this.OR([{ ALT: () => this.CONSUME(K.return) }, { ALT: () => this.CONSUME(K.emit) }]);
    this.SUBRULE(this.expression);
  });

  readonly repeatStatement: Rule = this.rule('repeatStatement', () => {
    this.SUBRULE(this.repeatHead);
    this.SUBRULE(this.block);
  });

  readonly repeatHead: Rule = this.RULE('repeatHead', () => {
    this.OPTION(() => {
      this.CONSUME(T.Name, { LABEL: 'label' });
      this.CONSUME(T.Colon);
    });
    this.CONSUME(K.repeat);
    this.SUBRULE(this.expression);
    this.OPTION2(() => {
      this.CONSUME(K.as);
      this.CONSUME2(T.Name, { LABEL: 'variable' });
    });
    this.CONSUME(HeadEnd);
  });

  readonly scanStatement: Rule = this.rule('scanStatement', () => {
    this.SUBRULE(this.scanHead);
    this.SUBRULE(this.block);
  });

  readonly scanHead: Rule = this.RULE('scanHead', () => {
    this.CONSUME(K.scan);
    this.SUBRULE(this.sequence);
    this.MANY(() => {
      this.CONSUME(T.Comma);
      this.SUBRULE2(this.sequence);
    });
    this.CONSUME(K.along);
    this.CONSUME(T.Name, { LABEL: 'along' });
    this.MANY2(() => {
      this.CONSUME2(T.Comma);
      this.SUBRULE(this.weight, { LABEL: 'carry' });
    });
    this.CONSUME(HeadEnd);
  });

  readonly sequence: Rule = this.rule('sequence', () => {
    this.CONSUME(T.Name);
    this.CONSUME(K.in);
    this.SUBRULE(this.expression);
  });

  readonly ifStatement: Rule = this.rule('ifStatement', () => {
    this.SUBRULE(this.ifHead);
    this.SUBRULE(this.block);
    this.OPTION(() => {
      this.CONSUME(K.else);
      this.OR([
        { ALT: () => this.SUBRULE2(this.block, { LABEL: 'else' }) },
        { ALT: () => this.SUBRULE(this.ifStatement) },
      ]);
    });
  });

  readonly ifHead: Rule = this.RULE('ifHead', () => {
    this.CONSUME(K.if);
    this.SUBRULE(this.expression);
    this.CONSUME(HeadEnd);
  });

  readonly namedStatement: Rule = this.rule('namedStatement', () => {
    this.OR([
      { ALT: () => this.CONSUME(K.from) },
      { ALT: () => this.CONSUME(K.augment) },
      { ALT: () => this.CONSUME(K.metric) },
      { ALT: () => this.CONSUME(K.update) },
    ]);
    this.CONSUME(T.Name);
    this.CONSUME(T.Equals);
    this.SUBRULE(this.expression);
  });

  readonly splitStatement: Rule = this.rule('splitStatement', () => {
    this.CONSUME(K.split);
    this.SUBRULE(this.share);
    this.MANY(() => {
      this.CONSUME(T.Comma);
      this.SUBRULE2(this.share);
    });
  });

  readonly share: Rule = this.rule('share', () => {
    this.CONSUME(T.Name);
    this.CONSUME(T.Equals);
    this.SUBRULE(this.expression);
  });

  readonly stepStatement: Rule = this.rule('stepStatement', () => {
    this.SUBRULE(this.stepHead);
    this.SUBRULE(this.block);
  });

  readonly stepHead: Rule = this.RULE('stepHead', () => {
    this.CONSUME(K.step);
    this.OPTION(() => this.CONSUME(T.Name));
    this.OPTION2(() => this.SUBRULE(this.arguments));
    this.CONSUME(HeadEnd);
  });

  readonly minimizeStatement: Rule = this.rule('minimizeStatement', () => {
    this.CONSUME(K.minimize);
    this.SUBRULE(this.expression, { LABEL: 'loss' });
    this.OPTION(() => {
      this.CONSUME(K.over);
      this.SUBRULE2(this.expression, { LABEL: 'over' });
      this.MANY(() => {
        this.CONSUME(T.Comma);
        this.SUBRULE3(this.expression, { LABEL: 'over' });
      });
    });
    this.CONSUME(K.with);
    this.SUBRULE4(this.expression, { LABEL: 'with' });
  });

  readonly brokenStatement: Rule = this.rule('brokenStatement', () => {
    this.CONSUME(Broken);
    this.OPTION(() => this.SUBRULE(this.block));
  });
}

const PARSER = new NetParser({ validate: false });

export interface ParsedTokens {
  /** The `file` node. Statements with an error carry `recoveredNode`. */
  tree: CstNode;
  errors: IRecognitionException[];
}

/** Parses a whole file; keeps nothing from one call to the next. */
export function parseTokens(tokens: readonly IToken[]): ParsedTokens {
  PARSER.input = [...tokens];
  const tree = PARSER.file();
  const { errors } = PARSER;
  PARSER.reset();
  return { tree, errors };
}
