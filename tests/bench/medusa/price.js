// Prices baskets by the compute functions of Medusa's promotion module, without its database: JSON lines in, milliseconds of the processor out.
// Usage: node price.js FOLDER-OF-NODE_MODULES < cases
const path = require("path")
const root = path.resolve(process.argv[2])
const { getComputedActionsForItems, getComputedActionsForBuyGet } = require(
  path.join(root, "@medusajs/promotion/dist/utils/compute-actions"))
const lines = require("fs").readFileSync(0, "utf8").split("\n").filter(Boolean)

// As its service does: buy-get first, then by value, descending; each on what the ones before left.
function priced({ promotions, items }) {
  const applied = new Map(), actions = []
  for (const promotion of promotions) {
    const found = promotion.type === "buyget"
      ? getComputedActionsForBuyGet(promotion, items, new Map(), new Map(), applied)
      : getComputedActionsForItems(promotion, items, applied)
    actions.push(...found)
  }
  return actions
}

for (const line of lines) {
  const { rounds, ...given } = JSON.parse(line)
  const took = []
  let actions = []
  for (let round = 0; round < rounds; round++) {
    const began = process.cpuUsage()
    actions = priced(given)
    const { user, system } = process.cpuUsage(began)
    took.push((user + system) / 1000)
  }
  const total = actions.reduce((sum, each) => sum + Number(each.amount ?? 0), 0)
  console.log(JSON.stringify({ took, actions: actions.length, total }))
}
