(function(){
var d=document,box=d.getElementById('unlock');
var form=d.getElementById('go'),say=d.getElementById('say'),badge=d.getElementById('badge'),list=d.getElementById('steps'),li=list.children;
var names=['asked','sent','unlocked','seen'],src=null,timer=0,ended=false,grant=box.getAttribute('data-grant'),heard=false;
function hush(n){var x=d.getElementById(n);if(x)x.className='hide'}
function text(n){return box.getAttribute('data-'+n)}
function id(){var s='',k,r,a=new Uint8Array(16);if(window.crypto&&crypto.getRandomValues)crypto.getRandomValues(a);else for(k=0;k<16;k++)a[k]=Math.random()*256;
a[6]=a[6]&15|64;a[8]=a[8]&63|128;for(k=0;k<16;k++){r=a[k].toString(16);s+=(r.length<2?'0':'')+r;if(k==3||k==5||k==7||k==9)s+='-'}return s}
function tell(m,more,bad){say.className=bad?'say bad':'say';say.innerHTML='';say.appendChild(d.createTextNode(m));
if(more){var p=d.createElement('p');p.appendChild(d.createTextNode(more));say.appendChild(p)}}
function steps(stage,fail){var at=names.indexOf(stage),k;for(k=0;k<4;k++){li[k].className=k<=at?'on':k==at+1&&at<3?(fail?'no':'now'):''}}
function stop(){if(src)src.close();src=null;clearTimeout(timer);timer=0}
function again(label){var b=form.querySelector('button');form.className='';b.disabled=false;b.firstChild.data=label;form.elements.request.value=id()}
function fail(m,more){ended=true;stop();tell(m,more,true);badge.className='badge sad';again(text('again'))}
var reached='asked';
function show(p){heard=true;
if(p.stage=='failed'){steps(p.hop=='gateway'||p.hop=='broker'?'asked':'sent',true);fail(p.sentence,p.advice);return}
reached=p.stage;steps(p.stage);tell(p.sentence,p.stage=='unlocked'||p.stage=='seen'?text('after'):'');
if(p.stage=='unlocked'||p.stage=='seen'){badge.className='badge yes';form.className='hide'}
if(p.done){ended=true;stop()}}
function call(method,url,body,done,lost){var x=new XMLHttpRequest();x.open(method,url);x.timeout=8000;
if(body){x.setRequestHeader('Content-Type','application/json');x.setRequestHeader('Prefer','respond-async')}
x.onload=function(){var j;try{j=JSON.parse(x.responseText)}catch(e){lost();return}done(x.status,j)};
x.onerror=x.ontimeout=lost;x.send(body||null)}
function poll(){stop();if(ended)return;call('GET','/api/v1/grants/'+grant,null,function(s,j){if(s==200)show(j);else if(s==404){fail(j.detail,'');return}
if(!ended)timer=setTimeout(poll,1000)},function(){tell(text('lost'),'',true);timer=setTimeout(poll,1000)})}
function follow(){stop();if(ended||!grant)return;if(!window.EventSource){poll();return}
heard=false;src=new EventSource('/api/v1/grants/'+grant+'/events');
src.onmessage=function(e){show(JSON.parse(e.data))};
src.onerror=function(){if(!heard)poll()};
timer=setTimeout(function(){if(!heard)poll()},3000)}
d.addEventListener('visibilitychange',function(){if(d.hidden)stop();else if(grant&&!ended)follow()});
function ask(tries){call('POST','/api/v1/carts/unlock',JSON.stringify({code:text('code'),request:form.elements.request.value}),
function(s,j){if(s==202||s==200){grant=j.grant;show(j);follow()}
else if(s==401){location.reload()}
else if(/^consent_/.test(j.code||'')){form.submit()}
else{list.className='steps hide';fail(j.detail||text('lost'),'')}},
function(){tell(text('lost'),'',true);if(tries>0)setTimeout(function(){ask(tries-1)},1500);else{again(text('again'));ended=true}})}
if(form)form.addEventListener('submit',function(e){e.preventDefault();var b=form.querySelector('button');if(b.disabled)return;
b.disabled=true;b.firstChild.data=text('busy');ended=false;grant='';badge.className='badge';list.className='steps';hush('hint');hush('note');steps('');tell(text('busy'));ask(4)});
if(grant)follow();
})();
