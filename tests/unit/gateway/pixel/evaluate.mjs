// Calls functions of the sources: a line asks for one with cases, a line answers.
import { createInterface } from 'node:readline'
import { load } from './bundle.mjs'

for await (const line of createInterface({ input: process.stdin })) {
  const { module, function: name, cases } = JSON.parse(line)
  const found = (await load(module))[name]
  const answers = []
  for (const args of cases) answers.push((await found(...args)) ?? null)
  console.log(JSON.stringify(answers))
}
