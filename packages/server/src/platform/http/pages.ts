import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import { errorCatalogue, Problem, type ErrorCode } from '@muster/api/errors';
import type { FastifyInstance, FastifyReply } from 'fastify';

/** The folders pages are served from. */
export interface PageFolders {
  /** The built web UI. */
  web: string;
  /** `docs/errors`. */
  errors: string;
}

/** The hashes of the inline scripts of the built index.html, for the content security policy; the colour scheme is set by one. */
export function inlineScriptHashes(web: string): string[] {
  const index = join(web, 'index.html');
  if (!existsSync(index)) return [];
  const scripts = readFileSync(index, 'utf8').matchAll(/<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g);
  return [...scripts].map(
    (match) =>
      `'sha256-${createHash('sha256')
        .update(match[1] ?? '')
        .digest('base64')}'`,
  );
}

/** Serves the web UI: its files, and index.html for every page address that is no file. */
export async function mountPages(fastify: FastifyInstance, folders: PageFolders): Promise<void> {
  // Without a build there is nothing to serve but the advice to make one.
  const built = existsSync(join(folders.web, 'index.html'));
  if (built) await fastify.register(fastifyStatic, { root: folders.web, serve: false, cacheControl: false });
  fastify.get('/docs/errors/:code', { config: { access: 'public' } }, async (request, reply) =>
    errorPage(folders.errors, (request.params as { code: string }).code, reply),
  );
  fastify.get('/*', { config: { access: 'public', label: 'web' } }, async (request, reply) => {
    const path = decodedPath(request.url);
    if (/^\/(api|agent|ocsinventory|metrics|healthz|readyz)(\/|$)/.test(path)) throw new Problem('not_found', 'There is no such route.');
    if (built && path !== '/' && (await isFile(folders.web, path))) {
      // Vite puts a content hash into the names below assets/, so those files never change.
      reply.header('cache-control', path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache');
      return reply.sendFile(path.slice(1));
    }
    if (/\.\w{2,5}$/.test(path)) throw new Problem('not_found', 'There is no such file.');
    // Nothing here is for search engines, least of all the page of found items.
    reply.header('cache-control', 'no-cache').header('x-robots-tag', 'noindex, nofollow');
    if (built) return reply.sendFile('index.html');
    return reply
      .code(503)
      .type('text/html; charset=utf-8')
      .send(
        page(
          'The web interface is not built',
          '<p>Run <code>npm run build</code> and start Muster again, or start with <code>npm start</code>, which builds it. The API is served already: see <a href="/api/docs">/api/docs</a>.</p>',
        ),
      );
  });
}

function decodedPath(url: string): string {
  const path = url.split('?', 1)[0] ?? '/';
  try {
    return decodeURIComponent(path);
  } catch {
    throw new Problem('not_found', 'There is no such route.');
  }
}

async function isFile(root: string, path: string): Promise<boolean> {
  if (path.includes('\0') || path.split('/').includes('..')) return false;
  return (await stat(join(root, path)).catch(() => null))?.isFile() ?? false;
}

/** The page of an error code: its file, or at least its title and status. */
async function errorPage(folder: string, code: string, reply: FastifyReply): Promise<FastifyReply> {
  if (!Object.hasOwn(errorCatalogue, code)) throw new Problem('not_found', 'There is no such error code.');
  const entry = errorCatalogue[code as ErrorCode];
  const text = await readFile(join(folder, `${code}.md`), 'utf8').catch(() => '');
  const body = text
    .replace(/^#[^\n]*\n/, '')
    .split(/\n{2,}/)
    .filter((part) => part.trim() !== '')
    .map(block)
    .join('\n');
  return reply
    .type('text/html; charset=utf-8')
    .send(page(entry.title, `<p><code>${code}</code>, HTTP status ${entry.status}</p>\n${body}`));
}

/** The little Markdown our error pages use: headings, lists, fenced code, code and paragraphs. */
function block(text: string): string {
  const part = text.trim();
  const code = /^```\w*\n([\s\S]*?)\n?```$/.exec(part);
  if (code) return `<pre>${escape(code[1] ?? '')}</pre>`;
  const heading = /^(#{2,4}) (.*)$/.exec(part);
  if (heading) return `<h2>${inline(heading[2] ?? '')}</h2>`;
  if (/^[-*] /.test(part))
    return `<ul>${part
      .split(/\n(?=[-*] )/)
      .map((item) => `<li>${inline(item.slice(2))}</li>`)
      .join('')}</ul>`;
  return `<p>${inline(part)}</p>`;
}

const inline = (text: string): string =>
  escape(text)
    .replace(/`([^`]+)`/g, '<code>$1</code>')
    .replace(/\*\*([^*]+)\*\*/g, '<strong>$1</strong>');
const escape = (text: string): string =>
  text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c] ?? c);

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escape(title)} - Muster</title>
<style>:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:42rem;margin:3rem auto;padding:0 1rem}code,pre{font-family:ui-monospace,monospace}</style></head>
<body><main><h1>${escape(title)}</h1>
${body}
</main></body></html>
`;
}
