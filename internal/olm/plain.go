package olm

import (
	"github.com/operator-framework/api/pkg/operators/v1alpha1"
	corev1 "k8s.io/api/core/v1"

	"inject-related-images/internal/yamltext"
)

// plainDeployments reads spec.deployments of the node of an install strategy as the decoder does, which takes half the time of a
// small run. It knows the form that generators of CSVs write: no aliases, no key twice, text where the types want text. ok is
// false for any other; then the decoder reads it, or says what is wrong. What is not read is not checked, either.
func plainDeployments(install *yamltext.Node) (deployments []deployment, ok bool) {
	p := plain{ok: true}
	for _, n := range p.items(p.get(p.get(install, "spec"), "deployments")) {
		d := deployment{Name: p.text(p.get(n, "name"))}
		pod := p.get(p.get(p.get(n, "spec"), "template"), "spec")
		d.Spec.Template.Spec.InitContainers = p.containers(p.get(pod, "initContainers"))
		d.Spec.Template.Spec.Containers = p.containers(p.get(pod, "containers"))
		deployments = append(deployments, d)
	}
	return deployments, p.ok
}

// plainRelatedImages does the same for spec.relatedImages.
func plainRelatedImages(list *yamltext.Node) (images []v1alpha1.RelatedImage, ok bool) {
	p := plain{ok: true}
	for _, n := range p.items(list) {
		images = append(images, v1alpha1.RelatedImage{Name: p.text(p.get(n, "name")), Image: p.text(p.get(n, "image"))})
	}
	return images, p.ok
}

// plain reads nodes until one is of another form; what is not there is empty.
type plain struct{ ok bool }

func (p *plain) containers(list *yamltext.Node) (containers []container) {
	for _, n := range p.items(list) {
		c := container{Name: p.text(p.get(n, "name")), Image: p.text(p.get(n, "image"))}
		for _, env := range p.items(p.get(n, "env")) {
			v := corev1.EnvVar{Name: p.text(p.get(env, "name")), Value: p.text(p.get(env, "value"))}
			if from := p.get(env, "valueFrom"); from != nil {
				p.want(from.Kind == yamltext.Mapping)
				v.ValueFrom = &corev1.EnvVarSource{}
			}
			c.Env = append(c.Env, v)
		}
		containers = append(containers, c)
	}
	return containers
}

func (p *plain) want(is bool) { p.ok = p.ok && is }

// get returns the value under a key of the mapping n, or nil.
func (p *plain) get(n *yamltext.Node, key string) (value *yamltext.Node) {
	if n == nil {
		return nil
	}
	p.want(n.Kind == yamltext.Mapping)
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		p.want(k.Kind == yamltext.Scalar && k.Tag != "!!merge" && k.Tag != "!!binary")
		if k.Value == key {
			p.want(value == nil && k.Tag == "!!str")
			value = n.Content[i+1]
		}
	}
	return value
}

func (p *plain) items(n *yamltext.Node) []*yamltext.Node {
	if n == nil {
		return nil
	}
	p.want(n.Kind == yamltext.Sequence)
	return n.Content
}

func (p *plain) text(n *yamltext.Node) string {
	if n == nil {
		return ""
	}
	p.want(n.Kind == yamltext.Scalar && n.Tag == "!!str")
	return n.Value
}
