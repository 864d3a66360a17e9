"""Makes the files that benches/run measures: FOLDER/{3k,300k,10m}.yaml, FOLDER/ours (1,000), FOLDER/others (10,000), and
of 1.5 kB each FOLDER/plain (1,000 values files) and FOLDER/applications (as many of Argo CD)."""

import pathlib
import sys
import textwrap

OURS = """pce_url: pce{0}.example.com:8443
cluster_id: 5a1e0000-0000-4000-8000-{0:012}
cluster_token: 7_a{0:063}
cluster_code: c{0:064}
containerRuntime: containerd
containerManager: kubernetes
clusterMode: legacy # for now
"""
OTHERS = """  node{0}:
    image: registry.example.com/team/app-{0}:1.{0}  # pinned
    replicas: {0}
    labels: {{app: node{0}, tier: "backend"}}
    args:
      - --log-level=info
      - "--port=8080"
    resources:
      limits: {{cpu: 500m, memory: 256Mi}}
"""
APPLICATION = """apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: illumio-{0}, namespace: argocd}}
spec:
  project: default
  destination: {{server: https://cluster-{0}.example.com, namespace: illumio-system}}
  source:
    chart: illumio
    repoURL: quay.io/illumio
    targetRevision: 5.1.0
    helm:
      valuesObject:
"""


def grown(text, size):
    blocks = [text]
    length = len(text)
    number = 0
    while length < size:
        blocks.append(OTHERS.format(number))
        length += len(blocks[-1])
        number += 1
    return "".join(blocks)


folder = pathlib.Path(sys.argv[1])
for name, size in [("3k", 3_000), ("300k", 300_000), ("10m", 10_000_000)]:
    (folder / f"{name}.yaml").write_text(grown(OURS.format(1) + "others:\n", size))
for number in range(1_000):
    file = folder / "ours" / f"cluster{number}" / "illumio-values.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(grown(OURS.format(number) + "others:\n", 3_000))
    for name, head, indent in [("plain", "", ""), ("applications", APPLICATION, " " * 8)]:
        texts = (textwrap.indent(grown(OURS.format(number) + "others:\n", size), indent) for size in range(0, 1_600, 100))
        text = next(text for text in (head.format(number) + text for text in texts) if len(text) >= 1_500)
        file = folder / name / f"cluster{number}.yaml"
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
for number in range(10_000):
    file = folder / "others" / f"team{number % 100}" / f"chart{number}" / "values.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(OURS.format(number) if number % 1_000 == 7 else grown("others:\n", 3_000))
