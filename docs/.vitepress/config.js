import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { defineConfig } from 'vitepress'

const docs = path.resolve(import.meta.dirname, '..')

// Where links to files outside of docs/ lead, which the site does not have.
const repository = process.env.MILLIO_REPOSITORY ?? 'https://millio.io/mill-io/blob/main/'

// The Javadoc, which .ci/site unpacks; a site without it does not link it.
const api = path.join(docs, 'public', 'api')
const modules = existsSync(api) ? readdirSync(api).sort() : []

const guides = (...pages) => pages.map(([page, text]) => ({ text, link: `/guide/${page}` }))

const decisions = readdirSync(path.join(docs, 'decisions'))
  .filter((file) => /^\d/.test(file))
  .sort()
  .map((file) => ({ text: file.slice(0, 4) + ' ' + file.slice(5, -3).replaceAll('-', ' '), link: `/decisions/${file.slice(0, -3)}` }))

/** Leads links out of docs/ to the repository. */
function leaveDocs(md) {
  const rule = md.renderer.rules.link_open ?? ((tokens, at, options, env, self) => self.renderToken(tokens, at, options))
  md.core.ruler.push('leave-docs', (state) => {
    const folder = path.dirname(path.join(docs, state.env.realPath ? path.relative(docs, state.env.realPath) : state.env.relativePath))
    for (const block of state.tokens) {
      for (const token of block.children ?? []) {
        const href = token.type === 'link_open' ? token.attrGet('href') : null
        if (href && !/^([a-z]+:|#|\/)/.test(href)) {
          const file = path.relative(path.dirname(docs), path.resolve(folder, href))
          if (!file.startsWith('docs' + path.sep) || !/\.md(#|$)/.test(file)) {
            token.attrSet('href', repository + file)
          }
        }
      }
    }
  })
  md.renderer.rules.link_open = rule
}

export default defineConfig({
  title: 'Mill-IO for Java',
  description: 'An event loop for Java, and servers and clients on it.',
  lang: 'en',
  cleanUrls: false,
  rewrites: { 'guide/README.md': 'guide/index.md', 'decisions/README.md': 'decisions/index.md' },
  ignoreDeadLinks: [/^\/api\//], // .ci/site looks at these
  // As GitHub makes them, so that links to headings hold in both.
  markdown: { config: leaveDocs, anchor: { slugify: (text) => text.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-') } },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [
      { text: 'Guides', link: '/guide/' },
      { text: 'Examples', link: '/examples' },
      { text: 'Architecture', link: '/architecture' },
      ...(modules.length
        ? [{ text: 'Javadoc', items: modules.map((name) => ({ text: name, link: `/api/${name}/index.html`, target: '_self' })) }]
        : [])
    ],
    sidebar: [
      {
        text: 'Building',
        items: guides(
          ['loop', 'The event loop'], ['net', 'Connections'], ['protocol', 'Writing a protocol'], ['http', 'HTTP'], ['tls', 'TLS'],
          ['connection-pool', 'Connection pool'], ['rate-limits', 'Rate limits'], ['hardening', 'Hardening'],
          ['scaling-out', 'Scaling out'], ['linux', 'On Linux'], ['watch', 'File watching'], ['jsonrpc', 'JSON-RPC example'])
      },
      { text: 'Porting', items: guides(['from-nio', 'From java.nio'], ['from-netty', 'From Netty']) },
      {
        text: 'Testing and running',
        items: guides(
          ['simulation', 'Simulation: a tutorial'], ['testing', 'Testing'], ['observing', 'Observing'], ['metrics', 'Metrics'],
          ['jlink', 'Run-time image'], ['transports', 'Writing a transport'])
      },
      {
        text: 'The project',
        items: [
          { text: 'Architecture', link: '/architecture' },
          { text: 'Behaviours', link: '/behaviours' },
          { text: 'Benchmarks', link: '/benchmarks' },
          { text: 'IDE', link: '/ide' },
          { text: 'Releasing', link: '/releasing' }
        ]
      },
      { text: 'Decisions', collapsed: true, items: decisions }
    ]
  }
})
