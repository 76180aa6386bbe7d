(function(){
var d=document,box=d.getElementById('door'),say=d.getElementById('say'),badge=d.getElementById('badge'),li=d.getElementById('steps').children;
var names=['asked','sent','open','closed'],url=box.getAttribute('data-url'),lang='?lang='+d.documentElement.lang,src=null,timer=0,heard=false,ended=false;
function tell(m,bad){say.className=bad?'say bad':'say';say.innerHTML='';say.appendChild(d.createTextNode(m))}
function stop(){if(src)src.close();src=null;clearTimeout(timer)}
function show(p){var at=names.indexOf(p.stage),k;heard=true;if(ended)return;
if(p.done){ended=true;stop();location.reload();return}
for(k=0;k<4;k++)li[k].className=k<=at?'on':k==at+1?'now':'';
badge.className=p.stage=='open'?'badge yes':'badge';tell(p.sentence);
if(p.stage=='open')d.querySelector('h1').firstChild.data=box.getAttribute('data-open')}
function poll(){stop();if(ended)return;var x=new XMLHttpRequest();x.open('GET',url+lang);x.timeout=8000;
x.onload=function(){if(x.status==200)show(JSON.parse(x.responseText));if(!ended)timer=setTimeout(poll,1000)};
x.onerror=x.ontimeout=function(){tell(box.getAttribute('data-lost'),true);timer=setTimeout(poll,1000)};x.send()}
function follow(){stop();if(ended)return;if(!window.EventSource){poll();return}
heard=false;src=new EventSource(url+'/events'+lang);src.onmessage=function(e){show(JSON.parse(e.data))};
src.onerror=function(){if(!heard)poll()};timer=setTimeout(function(){if(!heard)poll()},3000)}
d.addEventListener('visibilitychange',function(){if(d.hidden)stop();else follow()});
follow();
})();
