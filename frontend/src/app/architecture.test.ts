/** Rules of the client that neither the compiler nor ESLint knows. */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

import ts from "typescript";
import { describe, expect, it } from "vitest";

import { BREAKPOINTS } from "@/ui/screen";

const ROOT = join(import.meta.dirname, "..");

function files(ending: RegExp): string[] {
  return readdirSync(ROOT, { recursive: true, encoding: "utf8" }).filter((name) => ending.test(name));
}

/** What each module imports of the others, types included; what is fetched later (`import()`) is left out. */
type Graph = ReadonlyMap<string, readonly string[]>;

function importGraph(): Graph {
  const options: ts.CompilerOptions = { moduleResolution: ts.ModuleResolutionKind.Bundler, paths: { "@/*": [join(ROOT, "*")] } };
  const cache = ts.createModuleResolutionCache(ROOT, (name) => name, options);
  const importsOf = (name: string) => {
    const path = join(ROOT, name);
    const source = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest);
    return source.statements.flatMap((statement) => {
      if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) return [];
      const from = statement.moduleSpecifier;
      if (from === undefined || !ts.isStringLiteral(from)) return [];
      const found = ts.resolveModuleName(from.text, path, options, ts.sys, cache).resolvedModule?.resolvedFileName;
      return found === undefined || found.includes("node_modules") ? [] : relative(ROOT, found);
    });
  };
  return new Map(files(/\.tsx?$/).map((name) => [name, importsOf(name)]));
}

/** Every circle as the modules on it, beginning with the first that was met; none twice. */
function circles(graph: Graph): string[][] {
  const found: string[][] = [];
  const done = new Set<string>();
  const visit = (name: string, path: readonly string[]) => {
    const start = path.indexOf(name);
    if (start >= 0) found.push(path.slice(start));
    if (start >= 0 || done.has(name)) return;
    for (const next of graph.get(name) ?? []) visit(next, [...path, name]);
    done.add(name);
  };
  for (const name of graph.keys()) visit(name, []);
  return found;
}

describe("the modules of the client", () => {
  const graph = importGraph();

  it("import each other in one direction only", () => {
    expect(circles(graph)).toEqual([]);
  });

  it("are all looked at, with what they import", () => {
    expect(graph.size).toBeGreaterThan(300);
    expect(graph.get("main.tsx")).toContain("app/App.tsx");
    expect(graph.get("ui/ComposerField.tsx")).toContain("ui/screen.ts");
  });
});

describe("circles", () => {
  it("are found, long and short", () => {
    const graph = new Map([
      ["page", ["row", "list"]],
      ["list", ["row"]],
      ["row", ["menu"]],
      ["menu", ["list", "menu"]],
    ]);
    expect(circles(graph)).toEqual([["row", "menu", "list"], ["menu"]]);
  });

  it("are not where two lead to the same", () => {
    expect(circles(new Map([["a", ["b", "c"]], ["b", ["d"]], ["c", ["d"]], ["d", []]]))).toEqual([]);
  });
});

describe("widths", () => {
  it("at which style sheets change are the named breakpoints", () => {
    const named = new Set(Object.values(BREAKPOINTS).map((width) => `${width}px`));
    const others = files(/\.css$/).flatMap((name) => {
      const queries = readFileSync(join(ROOT, name), "utf8").match(/@media[^{]*/g) ?? [];
      const widths = queries.flatMap((query) => [...query.matchAll(/\b(?:width|height)\b[^0-9)]*([0-9.]+\w+)/g)]);
      return widths.flatMap(([, width]) => (width === undefined || named.has(width) ? [] : `${name}: ${width}`));
    });
    expect(others).toEqual([]);
  });

  it("and all else about the screen are asked of the browser in one place", () => {
    const asking = files(/(?<!test)\.tsx?$/).filter((name) => /\bmatchMedia\(/.test(readFileSync(join(ROOT, name), "utf8")));
    expect(asking).toEqual(["ui/screen.ts"]);
  });
});
