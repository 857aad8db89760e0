import { createRequire } from 'node:module';

/* Reads queries as Azure Monitor does: Microsoft's own parser of the Kusto query language, against tables that are given. */

interface List<T> {
  readonly Count: number;
  readonly getItem: (index: number) => T;
}
interface Named {
  readonly Name: string;
}
/** What is used of https://www.npmjs.com/package/@kusto/language-service-next, which sets a global. */
interface KustoLanguage {
  readonly GlobalState: { readonly Default: { readonly WithDatabase: (database: object) => object } };
  readonly KustoCode: {
    readonly ParseAndAnalyze: (
      query: string,
      globals: object,
    ) => {
      readonly GetDiagnostics: () => List<{ readonly Message: string }>;
      readonly ResultType: { readonly Columns?: List<Named> } | null;
    };
  };
  readonly Symbols: {
    readonly TableSymbol: {
      readonly From: (schema: string) => { readonly WithName: (name: string) => object };
    };
    readonly DatabaseSymbol: { readonly ctor: new (name: string, tables: readonly object[]) => object };
  };
}

export interface ReadQuery {
  /** What is wrong with it, in the parser's words. */
  readonly problems: readonly string[];
  /** The names of the columns that it answers with. */
  readonly columns: readonly string[];
}

/** A reader of queries; tables by name, each as `column:type, …`. */
export function queryReader(tables: Readonly<Record<string, string>>): (query: string) => ReadQuery {
  const require = createRequire(__filename);
  require('@kusto/language-service-next/bridge.min.js');
  require('@kusto/language-service-next/Kusto.Language.Bridge.min.js');
  const { Language } = (globalThis as unknown as { readonly Kusto: { readonly Language: KustoLanguage } })
    .Kusto;
  const { TableSymbol, DatabaseSymbol } = Language.Symbols;
  const symbols = Object.entries(tables).map(([name, columns]) =>
    TableSymbol.From(`(${columns})`).WithName(name),
  );
  const globals = Language.GlobalState.Default.WithDatabase(new DatabaseSymbol.ctor('workspace', symbols));
  return (query) => {
    const code = Language.KustoCode.ParseAndAnalyze(query, globals);
    return {
      problems: itemsOf(code.GetDiagnostics()).map(({ Message }) => Message),
      columns: itemsOf(code.ResultType?.Columns).map(({ Name }) => Name),
    };
  };
}

function itemsOf<T>(list: List<T> | undefined): readonly T[] {
  return list === undefined ? [] : Array.from({ length: list.Count }, (_, i) => list.getItem(i));
}
