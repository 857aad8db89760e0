import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';

/*
 * The models of ARM's resource types as Microsoft publishes them in its own clients: what each property is called on the
 * wire, its type, whether it is required or read-only (the mappers), and its allowed values (the `Known…` enums beside
 * the types). Development dependencies alone; nothing of them is in the app.
 */

/** How the clients of that generation describe a property: https://github.com/Azure/azure-sdk-for-js, core-client's serializer.ts. */
export interface Mapper {
  readonly serializedName?: string;
  readonly required?: boolean;
  readonly readOnly?: boolean;
  readonly isConstant?: boolean;
  readonly constraints?: { readonly InclusiveMinimum?: number; readonly InclusiveMaximum?: number };
  readonly type: {
    readonly name: string;
    readonly className?: string;
    readonly allowedValues?: readonly unknown[];
    readonly element?: Mapper;
    readonly value?: Mapper;
    readonly modelProperties?: Readonly<Record<string, Mapper>>;
    readonly additionalProperties?: Mapper;
    readonly polymorphicDiscriminator?: { readonly serializedName: string };
    readonly uberParent?: string;
  };
}

export interface Models {
  /** A model by its name; undefined where the client has none such. */
  readonly find: (className: string) => Mapper | undefined;
  /** The model that a discriminator's value makes of another one. */
  readonly variant: (uberParent: string, value: string) => Mapper | undefined;
  /** What a property may be, by the client's own name for it; undefined where anything of its type may. */
  readonly allowed: (className: string, property: string) => readonly string[] | undefined;
}

interface Interface {
  readonly parents: readonly string[];
  readonly properties: ReadonlyMap<string, string>;
}

const NODE_MODULES = join(__dirname, '../../node_modules/@azure');

export async function modelsOf(client: string): Promise<Models> {
  const folder = join(NODE_MODULES, client);
  const file = firstOf(folder, ['dist/commonjs/models/mappers.js', 'dist-esm/src/models/mappers.js']);
  const loaded = (await import(pathToFileURL(file).href)) as Readonly<Record<string, unknown>>;
  const mappers = (loaded.default ?? loaded) as Readonly<Record<string, Mapper>> & {
    readonly discriminators?: Readonly<Record<string, Mapper>>;
  };
  const types = firstOf(folder, ['dist/commonjs/models/index.d.ts', `types/${client}.d.ts`]);
  const { interfaces, values } = declarationsIn(readFileSync(types, 'utf8'));
  const typeOf = (className: string, property: string): string | undefined => {
    const own = interfaces.get(className);
    return (
      own?.properties.get(property) ??
      own?.parents.map((parent) => typeOf(parent, property)).find((found) => found !== undefined)
    );
  };
  return {
    find: (className) => mappers[className],
    variant: (uberParent, value) => mappers.discriminators?.[`${uberParent}.${value}`],
    allowed: (className, property) => values.get(typeOf(className, property) ?? ''),
  };
}

function firstOf(folder: string, paths: readonly string[]): string {
  const found = paths.map((path) => join(folder, path)).find((path) => existsSync(path));
  if (found === undefined) throw new Error(`${folder} has no models: install the version in package.json.`);
  return found;
}

function declarationsIn(text: string): {
  readonly interfaces: ReadonlyMap<string, Interface>;
  readonly values: ReadonlyMap<string, readonly string[]>;
} {
  const interfaces = new Map<string, Interface>();
  const values = new Map<string, readonly string[]>();
  for (const statement of ts.createSourceFile('models.d.ts', text, ts.ScriptTarget.Latest).statements) {
    if (ts.isInterfaceDeclaration(statement)) interfaces.set(statement.name.text, interfaceOf(statement));
    if (ts.isEnumDeclaration(statement)) {
      const name = statement.name.text.replace(/^Known/, '');
      values.set(
        name,
        statement.members.flatMap(({ initializer }) => literalOf(initializer)),
      );
    }
    if (ts.isTypeAliasDeclaration(statement) && ts.isUnionTypeNode(statement.type)) {
      const literals = statement.type.types.flatMap((type) =>
        ts.isLiteralTypeNode(type) ? literalOf(type.literal) : [],
      );
      if (literals.length === statement.type.types.length) values.set(statement.name.text, literals);
    }
  }
  return { interfaces, values };
}

function interfaceOf({ members, heritageClauses }: ts.InterfaceDeclaration): Interface {
  const parents = [...(heritageClauses ?? [])].flatMap(({ types }) =>
    types.flatMap(({ expression }) => (ts.isIdentifier(expression) ? [expression.text] : [])),
  );
  const properties = members.flatMap((member) => {
    if (!ts.isPropertySignature(member) || !ts.isIdentifier(member.name)) return [];
    const { type } = member;
    const isNamed = type !== undefined && ts.isTypeReferenceNode(type) && ts.isIdentifier(type.typeName);
    return isNamed ? [[member.name.text, type.typeName.text] as const] : [];
  });
  return { parents, properties: new Map(properties) };
}

function literalOf(node: ts.Node | undefined): readonly string[] {
  return node !== undefined && ts.isStringLiteral(node) ? [node.text] : [];
}
