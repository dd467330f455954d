// Command kyaml is a KRM function on kyaml's framework that does nothing: what every function
// spends that is made with it.
package main

import (
	"log"

	"sigs.k8s.io/kustomize/kyaml/fn/framework"
)

func main() {
	nothing := framework.ResourceListProcessorFunc(func(*framework.ResourceList) error { return nil })
	if err := framework.Execute(nothing, nil); err != nil {
		log.Fatal(err)
	}
}
