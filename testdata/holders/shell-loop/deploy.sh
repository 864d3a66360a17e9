while read -r name context; do
cat > values-$name.yaml <<EOF
pce_url: pce.example.com:8443
clusterMode: clas
EOF
helm upgrade --install illumio oci://quay.io/illumio/illumio --version 5.1.0 --kube-context "$context" -f values-$name.yaml
done < clusters.txt
