/**
 * The grammar of LANGUAGE.md section 3: expressions, and the lists in brackets around them. In and out as
 * grammar.ts, which adds the statements. Operators come as a flat list: operators.ts holds their precedence.
 */
import type { CstNode, IToken, ParserMethod, TokenType } from 'chevrotain';
import { CstParser } from './chevrotain.ts';
import { BINARY_OPERATORS, T, Unit, VOCABULARY } from './tokens.ts';

export type Rule = ParserMethod<[], CstNode>;

/** Messages are made in explain.ts, which needs no more than the name of what was expected. */
const MESSAGES = {
  buildMismatchTokenMessage: ({ expected }: { expected: TokenType }): string => expected.name,
  buildNotAllInputParsedMessage: (): string => 'EOF',
  buildNoViableAltMessage: (): string => '',
  buildEarlyExitMessage: (): string => '',
};

export abstract class ExpressionParser extends CstParser {
  protected constructor(options: { validate: boolean }) {
    super([...VOCABULARY], {
      maxLookahead: 2,
      recoveryEnabled: true,
      nodeLocationTracking: 'onlyOffset',
      skipValidations: !options.validate,
      errorMessageProvider: MESSAGES,
    });
  }

  /** A rule that an error leaves for the statement around it. */
  protected rule(name: string, implementation: () => void): Rule {
    return this.RULE(name, implementation, { resyncEnabled: false });
  }

  // A token put in or left out by guess would hide from the explanation what the user wrote.
  protected override canTokenTypeBeInsertedInRecovery(): boolean {
    return false;
  }

  protected override canTokenTypeBeDeletedInRecovery(): boolean {
    return false;
  }

  /** Made once: the rule is the most frequent one. */
  private readonly operatorAlternatives = BINARY_OPERATORS.map((type) => ({
    ALT: (): IToken => this.CONSUME(type, { LABEL: 'operator' }),
  }));

  readonly expression: Rule = this.rule('expression', () => {
    this.SUBRULE(this.operand);
    this.MANY(() => {
      this.OR(this.operatorAlternatives);
      this.SUBRULE2(this.operand);
    });
    this.MANY2(() => this.SUBRULE(this.pipe));
  });

  readonly operand: Rule = this.rule('operand', () => {
    this.MANY(() => {
      this.OR([
        { ALT: () => this.CONSUME(T.Minus, { LABEL: 'prefix' }) },
        { ALT: () => this.CONSUME(T.Not, { LABEL: 'prefix' }) },
      ]);
    });
    this.SUBRULE(this.postfix);
  });

  readonly pipe: Rule = this.rule('pipe', () => {
    this.CONSUME(T.Arrow);
    this.OPTION(() => {
      this.CONSUME(T.Name, { LABEL: 'label' });
      this.CONSUME(T.Colon);
    });
    this.SUBRULE(this.postfix);
  });

  /** A name, number, string or parentheses, and what is called, indexed or taken of it. */
  readonly postfix: Rule = this.rule('postfix', () => {
    this.OR([
      { ALT: () => this.CONSUME(T.Name) },
      {
        ALT: () => {
          this.CONSUME(T.Number);
          this.OPTION(() => this.CONSUME(Unit));
        },
      },
      { ALT: () => this.CONSUME(T.String) },
      {
        ALT: () => {
          this.CONSUME(T.LeftParenthesis);
          this.SUBRULE(this.expression);
          this.MANY(() => {
            this.CONSUME(T.Comma);
            this.SUBRULE2(this.expression);
          });
          this.OPTION2(() => this.CONSUME2(T.Comma));
          this.CONSUME(T.RightParenthesis);
        },
      },
    ]);
    this.MANY2(() => this.SUBRULE(this.suffix));
  });

  readonly suffix: Rule = this.rule('suffix', () => {
    this.OR([
      { ALT: () => this.SUBRULE(this.arguments) },
      {
        ALT: () => {
          this.CONSUME(T.LeftBracket);
          this.SUBRULE(this.ranges);
          this.CONSUME(T.RightBracket);
        },
      },
      {
        ALT: () => {
          this.CONSUME(T.Dot);
          this.CONSUME(T.Name);
        },
      },
    ]);
  });

  readonly arguments: Rule = this.rule('arguments', () => {
    this.CONSUME(T.LeftParenthesis);
    this.OPTION(() => {
      this.SUBRULE(this.argument);
      this.MANY(() => {
        this.CONSUME(T.Comma);
        this.SUBRULE2(this.argument);
      });
      this.OPTION2(() => this.CONSUME2(T.Comma));
    });
    this.CONSUME(T.RightParenthesis);
  });

  readonly argument: Rule = this.rule('argument', () => {
    this.OPTION(() => {
      this.CONSUME(T.Name);
      this.CONSUME(T.Equals);
    });
    this.SUBRULE(this.expression);
  });

  readonly ranges: Rule = this.rule('ranges', () => {
    this.SUBRULE(this.range);
    this.MANY(() => {
      this.CONSUME(T.Comma);
      this.SUBRULE2(this.range);
    });
    this.OPTION(() => this.CONSUME2(T.Comma));
  });

  readonly range: Rule = this.rule('range', () => {
    this.OR([
      { ALT: () => this.CONSUME(T.Ellipsis) },
      { ALT: () => this.SUBRULE(this.slice) },
      {
        ALT: () => {
          this.SUBRULE(this.expression);
          this.OPTION(() => this.SUBRULE2(this.slice));
        },
      },
    ]);
  });

  /** What follows the start of a range: `:`, `:to`, `:to:step`, `::step`. */
  readonly slice: Rule = this.rule('slice', () => {
    this.CONSUME(T.Colon);
    this.OPTION(() => this.SUBRULE(this.expression, { LABEL: 'to' }));
    this.OPTION2(() => {
      this.CONSUME2(T.Colon);
      this.OPTION3(() => this.SUBRULE2(this.expression, { LABEL: 'step' }));
    });
  });

  readonly parameters: Rule = this.rule('parameters', () => {
    this.CONSUME(T.LeftParenthesis);
    this.OPTION(() => {
      this.SUBRULE(this.parameter);
      this.MANY(() => {
        this.CONSUME(T.Comma);
        this.SUBRULE2(this.parameter);
      });
      this.OPTION2(() => this.CONSUME2(T.Comma));
    });
    this.CONSUME(T.RightParenthesis);
  });

  readonly parameter: Rule = this.rule('parameter', () => {
    this.CONSUME(T.Name);
    this.OPTION(() => {
      this.CONSUME(T.Colon);
      this.CONSUME2(T.Name, { LABEL: 'type' });
    });
    this.OPTION2(() => {
      this.CONSUME(T.Equals);
      this.SUBRULE(this.expression);
    });
  });

  readonly tensors: Rule = this.rule('tensors', () => {
    this.OR([
      {
        ALT: () => {
          this.SUBRULE(this.tensor);
          this.MANY(() => {
            this.CONSUME(T.Comma);
            this.SUBRULE2(this.tensor);
          });
        },
      },
      {
        ALT: () => {
          this.CONSUME(T.LeftParenthesis);
          this.SUBRULE3(this.tensor);
          this.MANY2(() => {
            this.CONSUME2(T.Comma);
            this.SUBRULE4(this.tensor);
          });
          this.OPTION(() => this.CONSUME3(T.Comma));
          this.CONSUME(T.RightParenthesis);
        },
      },
    ]);
  });

  readonly tensor: Rule = this.rule('tensor', () => {
    this.OPTION(() => this.CONSUME(T.Name));
    this.CONSUME(T.LeftBracket);
    this.OPTION2(() => {
      this.SUBRULE(this.dimension);
      this.MANY(() => {
        this.CONSUME(T.Comma);
        this.SUBRULE2(this.dimension);
      });
      this.OPTION3(() => this.CONSUME2(T.Comma));
    });
    this.CONSUME(T.RightBracket);
    this.OPTION4(() => this.CONSUME2(T.Name, { LABEL: 'dtype' }));
  });

  readonly dimension: Rule = this.rule('dimension', () => {
    this.OR([{ ALT: () => this.CONSUME(T.Ellipsis) }, { ALT: () => this.SUBRULE(this.expression) }]);
  });
}
