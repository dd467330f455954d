package yamlgen

// environment writes environment variables whose values are lists of pairs.
func (g *generator) environment() {
	g.write(pick(g.Rand, "env:", `"env" :`, "'env':"))
	g.nl()
	for range 1 + g.IntN(3) {
		g.write("- name: " + g.name("LIST"))
		g.nl()
		g.write("  value:")
		switch g.IntN(4) {
		case 0:
			g.write(" &" + g.name("a") + " ")
			g.pair("")
			g.endOfLine()
		case 1:
			g.write(" >" + pick(g.Rand, "", "-", "+"))
			g.nl()
			for range 1 + g.IntN(3) {
				g.write("    ")
				g.pair("")
				g.nl()
			}
		default:
			inner := g.inner()
			inner.pairs()
			g.scalar(2, inner)
		}
	}
}

// pairs writes a list of pairs, with what else stands in such lists.
func (g *generator) pairs() {
	for range 1 + g.IntN(4) {
		switch g.IntN(5) {
		case 0:
			g.write(pick(g.Rand, "# "+g.ref().Old+"\n", "\n", "debug=true\n", "empty=\n"))
		case 1:
			g.write("export ")
		}
		g.pair(pick(g.Rand, "", "", "'", `"`))
		for g.oneIn(3) {
			g.write(pick(g.Rand, " ", ", ", ",", ";", "; "))
			g.pair("")
		}
		g.write(pick(g.Rand, "", " ", ";", " # "+g.ref().Old) + "\n")
	}
}

// pair writes a key and a reference, maybe in quotes.
func (g *generator) pair(quote string) {
	ref := g.ref()
	g.sites++
	g.write(g.name("key") + "=" + quote)
	g.both(ref.Old, ref.New)
	g.write(quote)
}

// imageStream writes an ImageStream. Only some of its tags are from images.
func (g *generator) imageStream() {
	g.write("kind: ImageStream")
	g.nl()
	g.write("apiVersion: image.openshift.io/v1")
	g.nl()
	g.write("spec:")
	g.nl()
	g.write("  tags:")
	g.nl()
	for range 1 + g.IntN(3) {
		g.write("  - from:")
		g.nl()
		if g.oneIn(3) {
			g.write("      name: " + g.ref().Old)
			g.nl()
			g.write("      kind: ImageStream" + pick(g.Rand, "Tag", "Image"))
			g.nl()
			continue
		}
		g.write("      kind: DockerImage")
		g.nl()
		g.sites++
		g.write("      name:")
		g.value(6)
	}
}

// catalogObject writes an object of a file-based catalog, in which everything must stay.
func (g *generator) catalogObject() {
	g.write("schema: olm." + pick(g.Rand, "bundle", "package", "channel", "deprecations"))
	g.nl()
	inner := g.inner()
	inner.newline = g.newline
	inner.mapping(0, 0)
	g.names = inner.names
	g.write(inner.before.String())
}

// devWorkspace writes an object with an annotation that holds a devfile, beside others.
func (g *generator) devWorkspace(depth int) {
	g.write("metadata:")
	g.nl()
	g.write("  annotations:")
	g.nl()
	g.write("    image: " + g.ref().Old)
	g.endOfLine()
	g.write("    che.eclipse.org/devfile:")
	g.embed(4, depth, false)
	g.write("    RELATED_IMAGE_x: " + g.ref().Old)
	g.endOfLine()
}
