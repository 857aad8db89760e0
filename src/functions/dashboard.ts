import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import { dashboardPage, type DashboardPage } from '../http/dashboard-page.js';
import { failure } from '../http/failure.js';

let page: DashboardPage | undefined;

/** The page that shows what the other routes tell; it holds nothing of it, and so needs no key. */
export function dashboard(request: HttpRequest, context: InvocationContext): HttpResponseInit {
  try {
    page ??= builtPage();
    const { html, etag, headers } = page;
    if (request.headers.get('if-none-match') === etag) return { status: 304, headers };
    return { status: 200, headers, body: html };
  } catch (error) {
    return failure(error, context);
  }
}

/** The build puts the page's parts beside the functions. */
function builtPage(): DashboardPage {
  const part = (name: string): string => readFileSync(join(__dirname, '../dashboard', name), 'utf8');
  return dashboardPage(part('page.js'), part('page.css'));
}
